public import KafkaProtocol

/// Which transactional batches of one partition were aborted, under `read_committed` (KIP-98).
///
/// The broker lists each aborted transaction by its producer and its first offset; it lasts until that
/// producer's ABORT marker. The list need not be sorted.
public struct AbortedTransactions: Sendable {
  private var pending: [FetchResponse.AbortedTransaction] = []
  private var aborting: Set<Int64> = []

  /// Knows of none.
  public init() {}

  /// Takes over what one response lists.
  public mutating func add(_ list: [FetchResponse.AbortedTransaction]) {
    guard !list.isEmpty else { return }
    pending.append(contentsOf: list)
    pending.sort { $0.firstOffset > $1.firstOffset }
  }

  /// True where the batch's records must not be shown: a control batch, or one of an aborted transaction.
  ///
  /// `controlType` is that of the control batch's record: 0 ABORT, 1 COMMIT; nil otherwise.
  public mutating func hides(
    baseOffset: Int64, nextOffset: Int64, producerId: Int64, isTransactional: Bool,
    isControl: Bool, controlType: Int16?
  ) -> Bool {
    guard isControl || isTransactional else { return false }
    // Also before a marker: a transaction without records here begins and ends with it (Kafka 2.2.1).
    while let first = pending.last, first.firstOffset < nextOffset {
      pending.removeLast()
      aborting.insert(first.producerId)
    }
    if isControl {
      if controlType == 0 { aborting.remove(producerId) }
      return true
    }
    return aborting.contains(producerId)
  }
}
