import KafkaProtocol

/// hbcat's structs by Kafka's names of the APIs.
struct StructTable {
  /// One row for each API; a test demands that none is missing.
  static var rows: [StructTable] {
    [
      StructTable(ProduceRequest.self),
      StructTable(FetchRequest.self),
      StructTable(ListOffsetsRequest.self),
      StructTable(MetadataRequest.self),
      StructTable(OffsetCommitRequest.self),
      StructTable(OffsetFetchRequest.self),
      StructTable(FindCoordinatorRequest.self),
      StructTable(JoinGroupRequest.self),
      StructTable(HeartbeatRequest.self),
      StructTable(LeaveGroupRequest.self),
      StructTable(SyncGroupRequest.self),
      StructTable(SaslHandshakeRequest.self),
      StructTable(ApiVersionsRequest.self),
      StructTable(CreateTopicsRequest.self),
      StructTable(InitProducerIdRequest.self),
      StructTable(OffsetForLeaderEpochRequest.self),
      StructTable(AddPartitionsToTxnRequest.self),
      StructTable(AddOffsetsToTxnRequest.self),
      StructTable(EndTxnRequest.self),
      StructTable(TxnOffsetCommitRequest.self),
      StructTable(DescribeConfigsRequest.self),
      StructTable(SaslAuthenticateRequest.self),
      StructTable(DescribeClusterRequest.self),
      StructTable(ConsumerGroupHeartbeatRequest.self),
      StructTable(ConsumerGroupDescribeRequest.self),
      StructTable(ShareGroupHeartbeatRequest.self),
      StructTable(ShareFetchRequest.self),
      StructTable(ShareAcknowledgeRequest.self),
    ]
  }

  /// What members of a group exchange inside other messages, with a version of its own.
  static var data: [Data] {
    [Data(ConsumerProtocolSubscription.self), Data(ConsumerProtocolAssignment.self)]
  }

  /// A type of group data.
  struct Data {
    let side: Side
    let versions: ClosedRange<Int16>
    /// Reads bytes that begin with their version, and writes them again in the version that was read.
    let reencode: ([UInt8]) throws(WireError) -> (version: Int16, bytes: [UInt8])

    init<D: GroupData>(_ type: D.Type) {
      side = Side(D.self, name: D.name)
      versions = D.versions
      reencode = { (bytes) throws(WireError) in
        let (version, value) = try D.decode(bytes)
        return (version, try value.encode(version: version))
      }
    }
  }

  let api: APIKey
  let request: Side
  let response: Side
  /// Reads a whole request and frames it again.
  let reframeRequest: ([UInt8]) throws(WireError) -> (header: RequestHeader, frame: [UInt8])
  /// Reads a whole response and frames it again.
  let reframeResponse:
    ([UInt8], Int16) throws(WireError) -> (correlationID: Int32, trailing: Int, frame: [UInt8])

  var sides: [Side] { [request, response] }

  private init<R: KafkaRequest>(_ type: R.Type) {
    api = R.api
    request = Side(R.self, name: "\(R.api.name)Request")
    response = Side(R.Response.self, name: "\(R.api.name)Response")
    reframeRequest = { (bytes) throws(WireError) in
      try bytes.reading { (buffer) throws(WireError) in
        let header = try RequestHeader(in: buffer)
        let request = try R.request(in: buffer, after: header)
        let frame = try request.frame(
          version: header.version, correlationID: header.correlationID, clientID: header.clientID)
        return (header, filled(frame.head, frame.splices, from: bytes))
      }
    }
    reframeResponse = { (bytes, version) throws(WireError) in
      try bytes.reading { (buffer) throws(WireError) in
        let (id, response, trailing) = try R.response(in: buffer, version: version)
        let frame = try R.frame(response, version: version, correlationID: id)
        return (id, trailing, filled(frame.head, frame.splices, from: bytes))
      }
    }
  }

  /// A message type in one direction.
  struct Side {
    let name: String
    let read: ([UInt8], Int, Bool) throws(WireError) -> Reading
    /// Writes a value that was made by `init()`.
    let writeDefaults: (Int, Bool) throws(WireError) -> [UInt8]

    init<S: WireStruct>(_ type: S.Type, name: String) {
      self.name = name
      read = { (bytes, version, isFlexible) throws(WireError) in
        try bytes.reading { (buffer) throws(WireError) in
          let (message, consumed) = try S.decode(
            buffer, version: Int16(version), isFlexible: isFlexible)
          return Reading(consumed: consumed) { (version, isFlexible) throws(WireError) in
            let writer = try message.encode(version: Int16(version), isFlexible: isFlexible)
            return filled(writer.bytes, writer.splices, from: bytes)
          }
        }
      }
      writeDefaults = { (version, isFlexible) throws(WireError) in
        try S().encode(version: Int16(version), isFlexible: isFlexible).bytes
      }
    }
  }

  /// A message that was read.
  struct Reading {
    let consumed: Int
    /// Writes it in the form of a version, which may be another than it was read in.
    let write: (Int, Bool) throws(WireError) -> [UInt8]
  }
}

extension [UInt8] {
  func reading<T>(_ body: (UnsafeRawBufferPointer) throws(WireError) -> T) throws(WireError) -> T {
    var result: Result<T, WireError> = .failure(.unexpectedNull)
    withUnsafeBytes { (buffer) in
      result = Result { () throws(WireError) in try body(buffer) }
    }
    return try result.get()
  }
}

/// Puts record data back into a message's head.
private func filled(_ head: [UInt8], _ splices: [WireWriter.Splice], from source: [UInt8])
  -> [UInt8]
{
  var bytes: [UInt8] = []
  var done = 0
  for splice in splices {
    bytes += head[done..<splice.headCount]
    bytes += source[splice.records.offset..<splice.records.offset + splice.records.count]
    done = splice.headCount
  }
  return bytes + head[done...]
}
