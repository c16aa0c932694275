public import KafkaProtocol

/// What a broker's ShareFetch brought: records that this member has acquired, among others.
///
/// The main thread prints what is acquired and answers with a `ShareReceipt`.
public struct ShareFrame: Sendable {
  /// The records.
  public let frame: FetchedFrame
  /// Which of them are acquired, by the place of the entry in `frame.entries`.
  public let acquired: [AcquiredOffsets]
  /// Until then the locks hold for sure: later the records are not worth printing, others may have them.
  ///
  /// Milliseconds of `MonotonicClock`.
  public let lockedUntilMs: Int64
  /// When the locks have run out for sure.
  let unlockedAtMs: Int64
  let brokerId: Int32
  let partitions: [TopicIdPartition]
}

/// What became of a frame: what was printed and flushed, or is known to be no record.
public struct ShareReceipt: Sendable {
  let frame: ShareFrame
  let acknowledgements: [[ShareAcknowledgement]]
  let printedCount: Int

  /// Gives a frame back, with what is to be acknowledged of each entry and how many records were printed.
  ///
  /// What is not named stays locked until the session ends.
  public init(
    _ frame: ShareFrame, acknowledgements: [[ShareAcknowledgement]], printedCount: Int
  ) {
    self.frame = frame
    self.acknowledgements = acknowledgements
    self.printedCount = printedCount
  }
}

/// What a share consumer has to tell the main thread.
public enum ShareEvent: Sendable {
  /// The member reads these partitions from now on.
  case assigned([AssignedPartition])
  /// Records; to be answered by a receipt, which also lets the next ones be fetched.
  case frame(ShareFrame)
  /// Records that were printed but may be delivered again.
  case notAcknowledged(TopicPartition, AcknowledgeFailure)
  /// A partition cannot be read.
  case failed(AssignedPartition, ClientError)
  /// Nothing can be read any more.
  case ended(ClientError)
  /// None of the cluster's brokers can be reached; the consumer tries on.
  case allBrokersDown(ClientError)
  /// Somebody wants the program to end.
  case interrupted
}
