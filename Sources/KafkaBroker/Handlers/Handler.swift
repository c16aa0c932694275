import KafkaProtocol
import Transport

/// A request on its way through the broker: who asks whom, and how the answer must look.
@Net struct Call {
  let broker: Broker
  let connection: BrokerConnection
  /// The broker of the cluster that is asked.
  let nodeId: Int32
  let header: RequestHeader
  /// An error that a fault rule wants to see; nothing must be carried out then.
  let injected: ErrorCode?
  /// For how long the answer tells the client to send nothing, in milliseconds.
  let throttleTimeMs: Int32

  var version: Int16 { header.version }

  /// Notes that this client did what it must not.
  func violation(_ text: String) {
    broker.violation("\(connection.peer): \(text)")
  }
}

/// Answers the requests of one API.
@Net protocol Handler {
  associatedtype Request: KafkaRequest where Request.Response: Throttled
  /// The versions that are advertised.
  nonisolated static var versions: ClosedRange<Int16> { get }
  /// Carries out a request whose record data lies in `frame`.
  static func handle(_ request: Request, in frame: UnsafeRawBufferPointer, _ call: Call)
    throws(WireError) -> Outcome
}

extension Handler {
  static func run(_ frame: UnsafeRawBufferPointer, _ call: Call) throws(WireError) -> Outcome {
    try handle(try Request.request(in: frame, after: call.header), in: frame, call)
  }

  /// Frames the answer to a call.
  static func reply(_ response: Request.Response, slices: [LogSlice] = [], _ call: Call)
    throws(WireError) -> Outcome
  {
    var response = response
    if call.throttleTimeMs > 0 { response.throttleTimeMs = call.throttleTimeMs }
    return .reply(
      Reply(
        frame: try Request.frame(
          response, version: call.version, correlationID: call.header.correlationID),
        slices: slices))
  }

  /// Frames the answer to a call that has waited, when there is nobody to throw to.
  static func laterReply(_ response: Request.Response, _ call: Call) -> Outcome {
    do throws(WireError) {
      return try reply(response, call)
    } catch {
      return .close(reason: "\(Request.api.name) v\(call.version): \(error)")
    }
  }
}

/// Which handler answers which API.
@Net enum Dispatch {
  /// The versions that are advertised; nil where the API is not.
  nonisolated static func versions(_ api: APIKey) -> ClosedRange<Int16>? {
    switch api {
    case .produce: ProduceHandler.versions
    case .fetch: FetchHandler.versions
    case .listOffsets: ListOffsetsHandler.versions
    case .metadata: MetadataHandler.versions
    case .findCoordinator: FindCoordinatorHandler.versions
    case .apiVersions: ApiVersionsHandler.versions
    case .createTopics: CreateTopicsHandler.versions
    case .initProducerId: InitProducerIdHandler.versions
    case .offsetForLeaderEpoch: OffsetForLeaderEpochHandler.versions
    case .addPartitionsToTxn: AddPartitionsToTxnHandler.versions
    case .addOffsetsToTxn: AddOffsetsToTxnHandler.versions
    case .endTxn: EndTxnHandler.versions
    case .txnOffsetCommit: TxnOffsetCommitHandler.versions
    case .describeCluster: DescribeClusterHandler.versions
    case .describeConfigs: DescribeConfigsHandler.versions
    case .offsetCommit: OffsetCommitHandler.versions
    case .offsetFetch: OffsetFetchHandler.versions
    case .joinGroup: JoinGroupHandler.versions
    case .syncGroup: SyncGroupHandler.versions
    case .heartbeat: HeartbeatHandler.versions
    case .leaveGroup: LeaveGroupHandler.versions
    case .consumerGroupHeartbeat: ConsumerGroupHeartbeatHandler.versions
    case .consumerGroupDescribe: ConsumerGroupDescribeHandler.versions
    case .shareGroupHeartbeat: ShareGroupHeartbeatHandler.versions
    case .shareFetch: ShareFetchHandler.versions
    case .shareAcknowledge: ShareAcknowledgeHandler.versions
    case .saslHandshake, .saslAuthenticate: nil
    }
  }

  /// Carries out a request of an advertised version.
  static func run(_ api: APIKey, _ frame: UnsafeRawBufferPointer, _ call: Call) throws(WireError)
    -> Outcome
  {
    switch api {
    case .produce: try ProduceHandler.run(frame, call)
    case .fetch: try FetchHandler.run(frame, call)
    case .listOffsets: try ListOffsetsHandler.run(frame, call)
    case .metadata: try MetadataHandler.run(frame, call)
    case .findCoordinator: try FindCoordinatorHandler.run(frame, call)
    case .apiVersions: try ApiVersionsHandler.run(frame, call)
    case .createTopics: try CreateTopicsHandler.run(frame, call)
    case .initProducerId: try InitProducerIdHandler.run(frame, call)
    case .offsetForLeaderEpoch: try OffsetForLeaderEpochHandler.run(frame, call)
    case .addPartitionsToTxn: try AddPartitionsToTxnHandler.run(frame, call)
    case .addOffsetsToTxn: try AddOffsetsToTxnHandler.run(frame, call)
    case .endTxn: try EndTxnHandler.run(frame, call)
    case .txnOffsetCommit: try TxnOffsetCommitHandler.run(frame, call)
    case .describeCluster: try DescribeClusterHandler.run(frame, call)
    case .describeConfigs: try DescribeConfigsHandler.run(frame, call)
    case .offsetCommit: try OffsetCommitHandler.run(frame, call)
    case .offsetFetch: try OffsetFetchHandler.run(frame, call)
    case .joinGroup: try JoinGroupHandler.run(frame, call)
    case .syncGroup: try SyncGroupHandler.run(frame, call)
    case .heartbeat: try HeartbeatHandler.run(frame, call)
    case .leaveGroup: try LeaveGroupHandler.run(frame, call)
    case .consumerGroupHeartbeat: try ConsumerGroupHeartbeatHandler.run(frame, call)
    case .consumerGroupDescribe: try ConsumerGroupDescribeHandler.run(frame, call)
    case .shareGroupHeartbeat: try ShareGroupHeartbeatHandler.run(frame, call)
    case .shareFetch: try ShareFetchHandler.run(frame, call)
    case .shareAcknowledge: try ShareAcknowledgeHandler.run(frame, call)
    case .saslHandshake, .saslAuthenticate:
      throw .unsupportedVersion(api: api.name, version: call.version)
    }
  }
}
