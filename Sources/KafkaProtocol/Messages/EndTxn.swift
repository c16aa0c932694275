/// Commits or aborts a transaction (key 26).
///
/// Version 5 needs transactions version 2 (KIP-890). KIP-98.
public struct EndTxnRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.endTxn
  /// What answers it.
  public typealias Response = EndTxnResponse

  /// The transactional id.
  public var transactionalId = ""
  /// The producer's id.
  public var producerId: Int64 = 0
  /// The producer's epoch.
  public var producerEpoch: Int16 = 0
  /// True to commit, false to abort.
  public var committed = false

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&transactionalId)
    try wire.int64(&producerId)
    try wire.int16(&producerEpoch)
    try wire.bool(&committed)
  }
}

/// Whether the transaction is decided, and the epoch of the next one.
public struct EndTxnResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why it failed; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// The producer id of the next transaction (KIP-890); −1 after an error.
  public var producerId: Int64 = -1
  /// The epoch of the next transaction (KIP-890); −1 after an error.
  public var producerEpoch: Int16 = -1

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs)
    try wire.errorCode(&errorCode)
    try wire.int64(&producerId, since: 5, default: -1, ignorable: true)
    try wire.int16(&producerEpoch, since: 5, default: -1, ignorable: true)
  }
}
