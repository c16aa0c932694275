import KafkaProtocol
import Testing

/// Frames and the headers of requests and responses, byte for byte.
struct FrameTests {
  @Test func `the client id is not compact, though the request is flexible`() throws {
    var request = ApiVersionsRequest()
    request.clientSoftwareName = "hb"
    request.clientSoftwareVersion = "1"
    let frame = try request.frame(version: 3, correlationID: 5, clientID: "me")
    #expect(
      frame.head == [
        0, 0, 0, 19, 0, 18, 0, 3, 0, 0, 0, 5, 0, 2, 0x6d, 0x65, 0,  // length, header v2
        3, 0x68, 0x62, 2, 0x31, 0,
      ])
    #expect(frame.count == 23)
  }

  @Test func `a request that is not flexible has no tags in its header`() throws {
    let frame = try ApiVersionsRequest().frame(version: 2, correlationID: -1, clientID: nil)
    #expect(frame.head == [0, 0, 0, 10, 0, 18, 0, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
  }

  @Test func `the header of an ApiVersions response never has tags`() throws {
    let frame = try ApiVersionsRequest.frame(
      ApiVersionsResponse(), version: 3, correlationID: 9)
    #expect(frame.head == [0, 0, 0, 12, 0, 0, 0, 9, 0, 0, 1, 0, 0, 0, 0, 0])
    let other = try DescribeClusterRequest.frame(
      DescribeClusterResponse(), version: 0, correlationID: 9)
    #expect(other.head[4..<9] == [0, 0, 0, 9, 0])
  }

  @Test func `unknown tags in headers are passed over`() throws {
    let request: [UInt8] = [0, 60, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 1, 5, 2, 1, 2, 1, 0]
    let read = try request.reading { (buffer) throws(WireError) in
      let header = try RequestHeader(in: buffer)
      return try DescribeClusterRequest.request(in: buffer, after: header)
    }
    #expect(read.includeClusterAuthorizedOperations)
    var frame = try DescribeClusterRequest.frame(
      DescribeClusterResponse(), version: 0, correlationID: 9
    ).head
    frame.replaceSubrange(0..<9, with: [0, 0, 0, 9, 1, 5, 1, 0])
    let answer = try frame.reading { (buffer) throws(WireError) in
      try DescribeClusterRequest.response(in: buffer, version: 0)
    }
    #expect(answer.correlationID == 9 && answer.trailingBytes == 0)
  }

  @Test func `versions that hbcat does not know are refused in all directions`() {
    let error = WireError.unsupportedVersion(api: "Metadata", version: 14)
    #expect(throws: error) {
      try MetadataRequest().frame(version: 14, correlationID: 0, clientID: nil)
    }
    #expect(throws: error) {
      try MetadataRequest.frame(MetadataResponse(), version: 14, correlationID: 0)
    }
    let bytes: [UInt8] = [0, 3, 0, 14, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0]
    #expect(throws: error) {
      try bytes.reading { (buffer) throws(WireError) in
        try MetadataRequest.request(in: buffer, after: RequestHeader(in: buffer))
      }
    }
    #expect(throws: error) {
      try bytes.reading { (buffer) throws(WireError) in
        _ = try MetadataRequest.response(in: buffer, version: 14)
      }
    }
    #expect(throws: WireError.unsupportedVersion(api: "Metadata", version: -1)) {
      try MetadataRequest().frame(version: -1, correlationID: 0, clientID: nil)
    }
  }

  @Test func `the header of an unknown API is read, so that the broker can name it`() throws {
    let bytes: [UInt8] = [0x7f, 0xff, 0, 9, 0, 0, 0, 3, 0, 1, 65, 1, 2, 3]
    let header = try bytes.reading { (buffer) throws(WireError) in
      try RequestHeader(in: buffer)
    }
    #expect(header.key == 0x7fff && header.version == 9)
    #expect(header.correlationID == 3 && header.clientID == "A")
  }

  @Test func `the header of an ApiVersions request from the future is read`() throws {
    let bytes: [UInt8] = [0, 18, 0, 99, 0, 0, 0, 3, 0, 1, 65, 1, 200, 1, 2, 1, 2, 7, 7]
    let header = try bytes.reading { (buffer) throws(WireError) in
      try RequestHeader(in: buffer)
    }
    #expect(header.version == 99 && header.clientID == "A")
  }

  @Test func `a refusal of ApiVersions comes as version 0, whatever was asked`() throws {
    var response = ApiVersionsResponse()
    response.errorCode = .unsupportedVersion
    var api = ApiVersionsResponse.APIVersion()
    (api.apiKey, api.maxVersion) = (18, 2)
    response.apiKeys = [api]
    let bytes = [UInt8](
      try ApiVersionsRequest.frame(response, version: 0, correlationID: 4).head[4...])
    let read = try bytes.reading { (buffer) throws(WireError) in
      try ApiVersionsRequest.response(in: buffer, version: 4)
    }
    #expect(read.response.errorCode == .unsupportedVersion)
    #expect(read.response.apiKeys.map(\.maxVersion) == [2])
  }

  @Test func `a header that is cut short is an error, and so is a negative client id`() {
    let whole: [UInt8] = [0, 60, 0, 0, 0, 0, 0, 1, 0, 2, 65, 66, 0]
    for count in whole.indices {
      #expect(throws: WireError.self) {
        try [UInt8](whole[..<count]).reading { (buffer) throws(WireError) in
          _ = try RequestHeader(in: buffer)
        }
      }
    }
    #expect(throws: WireError.negativeLength(-2)) {
      try ([0, 3, 0, 0, 0, 0, 0, 1, 0xff, 0xfe] as [UInt8]).reading { (buffer) throws(WireError) in
        _ = try RequestHeader(in: buffer)
      }
    }
  }

  @Test func `record data counts for the length of a frame`() throws {
    var partition = ProduceRequest.Partition()
    partition.records = RecordsSlice(count: 1000)
    var topic = ProduceRequest.Topic()
    topic.name = "t"
    topic.partitionData = [partition, partition]
    var request = ProduceRequest()
    request.topicData = [topic]
    let frame = try request.frame(version: 9, correlationID: 0, clientID: nil)
    #expect(frame.count == frame.head.count + 2000)
    let length = frame.count - 4
    #expect(frame.head.prefix(4) == [0, 0, UInt8(length >> 8), UInt8(length & 0xff)])
    // Behind the first batch: its tags, the next partition and the length 1000 in compact form.
    let (first, second) = (frame.splices[0].headCount, frame.splices[1].headCount)
    #expect(frame.head[first..<second] == [0, 0, 0, 0, 0, 0xe9, 7])
    #expect(frame.head[second...] == [0, 0, 0])
  }
}
