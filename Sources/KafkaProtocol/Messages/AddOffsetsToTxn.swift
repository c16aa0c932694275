/// Makes a group's offsets part of a transaction (key 25).
///
/// KIP-98, KIP-890.
public struct AddOffsetsToTxnRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.addOffsetsToTxn
  /// What answers it.
  public typealias Response = AddOffsetsToTxnResponse

  /// The transactional id.
  public var transactionalId = ""
  /// The producer's id.
  public var producerId: Int64 = 0
  /// The producer's epoch.
  public var producerEpoch: Int16 = 0
  /// The group's name.
  public var groupId = ""

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&transactionalId)
    try wire.int64(&producerId)
    try wire.int16(&producerEpoch)
    try wire.string(&groupId)
  }
}

/// Whether the offsets are part of the transaction.
public struct AddOffsetsToTxnResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// Why it failed; `none` if it did not.
  public var errorCode = ErrorCode.none

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs)
    try wire.errorCode(&errorCode)
  }
}
