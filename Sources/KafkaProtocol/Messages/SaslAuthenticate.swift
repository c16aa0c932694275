/// Carries a message of the SASL mechanism to the broker (key 36).
///
/// KIP-152, KIP-368.
public struct SaslAuthenticateRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.saslAuthenticate
  /// What answers it.
  public typealias Response = SaslAuthenticateResponse

  /// The client's message.
  public var authBytes: [UInt8] = []

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.bytes(&authBytes)
  }
}

/// The broker's message of the SASL mechanism.
public struct SaslAuthenticateResponse: WireStruct {
  /// `saslAuthenticationFailed` where the client is not who it says; `none` if nothing is wrong.
  public var errorCode = ErrorCode.none
  /// Why it failed, in the broker's words, or nil.
  public var errorMessage: String?
  /// The server's message.
  public var authBytes: [UInt8] = []
  /// Milliseconds after which the client must have authenticated itself anew (KIP-368); 0 is never.
  public var sessionLifetimeMs: Int64 = 0

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.errorCode(&errorCode)
    try wire.nullableString(&errorMessage)
    try wire.bytes(&authBytes)
    try wire.int64(&sessionLifetimeMs, since: 1, ignorable: true)
  }
}
