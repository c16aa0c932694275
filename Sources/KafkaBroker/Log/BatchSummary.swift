/// What the log must know of a batch that it stores.
struct BatchSummary: Hashable, Sendable {
  var recordCount: Int32
  /// Milliseconds; −1 where the batch has none.
  var maxTimestamp: Int64
  /// −1 where the producer is not idempotent.
  var producerId: Int64 = -1
  var producerEpoch: Int16 = -1
  var baseSequence: Int32 = -1
  /// Whether it counts only when its producer's transaction commits.
  var isTransactional = false
  /// What is odd about the batch although Kafka would take it; nil if nothing is.
  var doubt: String?
}
