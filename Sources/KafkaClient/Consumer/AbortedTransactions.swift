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
    if isControl {
      if controlType == 0 { aborting.remove(producerId) }
      return true
    }
    guard isTransactional else { return false }
    while let first = pending.last, first.firstOffset < nextOffset {
      pending.removeLast()
      aborting.insert(first.producerId)
    }
    return aborting.contains(producerId)
  }
}
