/// Asks for a producer id, or takes over a transactional id (key 22).
///
/// KIP-98, KIP-360, KIP-939.
public struct InitProducerIdRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.initProducerId
  /// What answers it.
  public typealias Response = InitProducerIdResponse

  /// The transactional id, or nil for an idempotent producer.
  public var transactionalId: String?
  /// Milliseconds after which the broker aborts an idle transaction.
  public var transactionTimeoutMs: Int32 = 0
  /// The id that the producer has (KIP-360); −1 for none.
  public var producerId: Int64 = -1
  /// The epoch that the producer has (KIP-360); −1 for none.
  public var producerEpoch: Int16 = -1
  /// True to take part in a two-phase commit (KIP-939).
  public var enable2Pc = false
  /// True to keep the open transaction instead of aborting it (KIP-939).
  public var keepPreparedTxn = false

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.nullableString(&transactionalId)
    try wire.int32(&transactionTimeoutMs)
    try wire.int64(&producerId, since: 3, default: -1)
    try wire.int16(&producerEpoch, since: 3, default: -1)
    try wire.bool(&enable2Pc, since: 6)
    try wire.bool(&keepPreparedTxn, since: 6)
  }
}

/// The producer id and its epoch.
public struct InitProducerIdResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why it failed; `none` if it did not.
  public var errorCode = ErrorCode.none
  /// The producer id; −1 after an error.
  public var producerId: Int64 = -1
  /// Its epoch.
  public var producerEpoch: Int16 = 0
  /// The producer id of the transaction that was kept (KIP-939); −1 for none.
  public var ongoingTxnProducerId: Int64 = -1
  /// The epoch of the transaction that was kept (KIP-939); −1 for none.
  public var ongoingTxnProducerEpoch: Int16 = -1

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs)
    try wire.errorCode(&errorCode)
    try wire.int64(&producerId)
    try wire.int16(&producerEpoch)
    try wire.int64(&ongoingTxnProducerId, since: 6, default: -1)
    try wire.int16(&ongoingTxnProducerEpoch, since: 6, default: -1)
  }
}
