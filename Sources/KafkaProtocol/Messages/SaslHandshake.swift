/// Names the mechanism by which the client will authenticate itself (key 17).
///
/// KIP-43; with version 1 the exchange goes on in SaslAuthenticate (KIP-152), with version 0 in bare frames.
public struct SaslHandshakeRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.saslHandshake
  /// What answers it.
  public typealias Response = SaslHandshakeResponse

  /// The mechanism's name, such as `SCRAM-SHA-256`.
  public var mechanism = ""

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&mechanism)
  }
}

/// Whether the broker takes the mechanism.
public struct SaslHandshakeResponse: WireStruct {
  /// `unsupportedSaslMechanism` where it does not; `none` if it does.
  public var errorCode = ErrorCode.none
  /// The mechanisms that the broker's listener has.
  public var mechanisms: [String] = []

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.errorCode(&errorCode)
    try wire.strings(&mechanisms)
  }
}
