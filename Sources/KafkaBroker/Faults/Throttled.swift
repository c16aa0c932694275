import KafkaProtocol

/// A response that can tell the client to send nothing for a while (KIP-219).
protocol Throttled {
  var throttleTimeMs: Int32 { get set }
}

extension AddOffsetsToTxnResponse: Throttled {}
extension AddPartitionsToTxnResponse: Throttled {}
extension ApiVersionsResponse: Throttled {}
extension ConsumerGroupDescribeResponse: Throttled {}
extension ConsumerGroupHeartbeatResponse: Throttled {}
extension CreateTopicsResponse: Throttled {}
extension DescribeClusterResponse: Throttled {}
extension DescribeConfigsResponse: Throttled {}
extension EndTxnResponse: Throttled {}
extension FetchResponse: Throttled {}
extension FindCoordinatorResponse: Throttled {}
extension HeartbeatResponse: Throttled {}
extension InitProducerIdResponse: Throttled {}
extension JoinGroupResponse: Throttled {}
extension LeaveGroupResponse: Throttled {}
extension ListOffsetsResponse: Throttled {}
extension MetadataResponse: Throttled {}
extension OffsetCommitResponse: Throttled {}
extension OffsetFetchResponse: Throttled {}
extension OffsetForLeaderEpochResponse: Throttled {}
extension ProduceResponse: Throttled {}
extension ShareAcknowledgeResponse: Throttled {}
extension ShareFetchResponse: Throttled {}
extension ShareGroupHeartbeatResponse: Throttled {}
extension SyncGroupResponse: Throttled {}
extension TxnOffsetCommitResponse: Throttled {}
