public import KafkaProtocol

/// What a consumer has to tell the main thread.
public enum ConsumerEvent: Sendable {
  /// These are read from now on; comes before their first frame.
  case assigned([AssignedPartition])
  /// These are read no more: to be answered with a `WrittenReport` of that number.
  case revoked([AssignedPartition], report: Int)
  /// Records, or ends of partitions.
  case frame(FetchedFrame)
  /// To be answered with a `WrittenReport` of that number, once all that came before is written.
  case report(Int)
  /// A partition cannot be read on.
  case failed(AssignedPartition, ClientError)
  /// A topic cannot be read on.
  case topicFailed(String, ClientError)
  /// An offset was out of range and reading goes on elsewhere, by `auto.offset.reset`.
  case reset(TopicPartition, from: Int64, policy: String, brokerId: Int32)
  /// None of the cluster's brokers can be reached; the consumer tries on.
  case allBrokersDown(ClientError)
  /// Every partition has been read to its end.
  case finished
  /// The consumer is a member of a group, which has to tell something.
  case group(GroupEvent)
  /// Something else than the consumer has news, such as the terminal's size.
  case woken
  /// Somebody wants the program to end.
  case interrupted
}
