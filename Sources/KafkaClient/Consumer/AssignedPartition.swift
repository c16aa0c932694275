public import KafkaProtocol
import Synchronization

/// A partition that is read, from its assignment to its revocation.
///
/// All that is fetched carries it, so that the main thread drops what comes of a revoked one. The same
/// partition assigned again is another one.
public final class AssignedPartition: Sendable {
  /// Which partition.
  public let partition: TopicPartition
  /// Counts the consumer's assignments from 0.
  public let number: Int32
  private let revoked = Atomic<Bool>(false)

  /// Assigns a partition.
  public init(_ partition: TopicPartition, number: Int32) {
    self.partition = partition
    self.number = number
  }

  /// True from its revocation on: nothing more of it is to be printed.
  public var isRevoked: Bool { revoked.load(ordering: .acquiring) }

  /// Takes it away; what the main thread has not printed yet it then drops.
  public func revoke() { revoked.store(true, ordering: .releasing) }
}

/// A partition to be read, and where to begin.
public struct PartitionStart: Sendable, Hashable {
  /// Where to begin.
  public enum From: Sendable, Hashable {
    /// To be looked up, but for `OffsetSpec.absolute`.
    case spec(OffsetSpec)
    /// What a group has committed; the epoch of the record before it, −1 if unknown (KIP-320).
    case committed(offset: Int64, leaderEpoch: Int32)
  }

  /// Which partition.
  public var partition: TopicPartition
  /// Where to begin.
  public var from: From

  /// Names a partition and where to begin.
  public init(_ partition: TopicPartition, from: From) {
    self.partition = partition
    self.from = from
  }
}

/// How far a partition has been written to stdout: what may be committed.
public struct WrittenPosition: Sendable {
  /// The partition, of this assignment.
  public var assigned: AssignedPartition
  /// The offset behind the last record that is written and flushed, or was to be passed over.
  public var offset: Int64
  /// The leader's epoch of the batch with that record; −1 if unknown (KIP-320).
  public var leaderEpoch: Int32

  /// Makes a position.
  public init(_ assigned: AssignedPartition, offset: Int64, leaderEpoch: Int32) {
    self.assigned = assigned
    self.offset = offset
    self.leaderEpoch = leaderEpoch
  }
}

/// The main thread's answer to `ConsumerEvent.report` and `revoked`.
public struct WrittenReport: Sendable {
  /// The number of the question; 0 for what the main thread reports on its own, in the end.
  public var number: Int
  /// Those that have moved since the last report.
  public var positions: [WrittenPosition]

  /// Makes a report.
  public init(number: Int, positions: [WrittenPosition]) {
    self.number = number
    self.positions = positions
  }
}
