internal import KafkaProtocol

/// A response that says for how long its client should send nothing more on the connection (KIP-219).
protocol ThrottledResponse {
  /// Milliseconds.
  var throttleTimeMs: Int32 { get }
  /// From which version on the client is to wait; before it the broker has held the answer back itself.
  static var restsSince: Int16 { get }
}

extension ApiVersionsResponse: ThrottledResponse { static var restsSince: Int16 { 2 } }
extension MetadataResponse: ThrottledResponse { static var restsSince: Int16 { 6 } }
extension FetchResponse: ThrottledResponse { static var restsSince: Int16 { 8 } }
extension ListOffsetsResponse: ThrottledResponse { static var restsSince: Int16 { 3 } }
extension OffsetForLeaderEpochResponse: ThrottledResponse { static var restsSince: Int16 { 2 } }
extension FindCoordinatorResponse: ThrottledResponse { static var restsSince: Int16 { 2 } }
extension JoinGroupResponse: ThrottledResponse { static var restsSince: Int16 { 3 } }
extension SyncGroupResponse: ThrottledResponse { static var restsSince: Int16 { 2 } }
extension HeartbeatResponse: ThrottledResponse { static var restsSince: Int16 { 2 } }
extension LeaveGroupResponse: ThrottledResponse { static var restsSince: Int16 { 2 } }
extension OffsetCommitResponse: ThrottledResponse { static var restsSince: Int16 { 4 } }
extension OffsetFetchResponse: ThrottledResponse { static var restsSince: Int16 { 4 } }
extension ConsumerGroupHeartbeatResponse: ThrottledResponse { static var restsSince: Int16 { 0 } }
extension CreateTopicsResponse: ThrottledResponse { static var restsSince: Int16 { 3 } }
extension InitProducerIdResponse: ThrottledResponse { static var restsSince: Int16 { 1 } }
extension AddPartitionsToTxnResponse: ThrottledResponse { static var restsSince: Int16 { 1 } }
extension AddOffsetsToTxnResponse: ThrottledResponse { static var restsSince: Int16 { 1 } }
extension TxnOffsetCommitResponse: ThrottledResponse { static var restsSince: Int16 { 1 } }
extension EndTxnResponse: ThrottledResponse { static var restsSince: Int16 { 1 } }
extension ShareGroupHeartbeatResponse: ThrottledResponse { static var restsSince: Int16 { 0 } }
extension ShareFetchResponse: ThrottledResponse { static var restsSince: Int16 { 0 } }
extension ShareAcknowledgeResponse: ThrottledResponse { static var restsSince: Int16 { 0 } }
