public import KafkaProtocol
public import Transport

/// A Fetch response whose record data still lies where it was received.
///
/// The main thread formats it and then gives it back to the consumer, which reuses its memory.
public struct FetchedFrame: Sendable {
  /// The response; `entries` say where in it the record data lies.
  public let buffer: Buffer
  /// One per partition that has news, in the order of the response.
  public let entries: [Entry]

  /// One partition's part of the response.
  public struct Entry: Sendable {
    /// The partition, of the assignment for which it was fetched.
    public var assigned: AssignedPartition
    /// The broker that it came from.
    public var brokerId: Int32
    /// Where the record data lies in `buffer.bytes`.
    public var range: Range<Int>
    /// Records before this offset were not asked for (F55).
    public var fetchOffset: Int64
    /// Changes where reading has gone on elsewhere since the former entry of the partition.
    public var seeks: Int32 = 0
    /// The end of the partition, where this response reaches it for the first time.
    public var end: Int64?
    /// Under `read_committed`: what was aborted in this range.
    public var abortedTransactions: [FetchResponse.AbortedTransaction]
  }

  /// The record data of an entry.
  public func records(of entry: Entry) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: buffer.bytes[entry.range])
  }
}
