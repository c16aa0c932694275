/// GSSAPI (RFC 4752): Kerberos, by the system's library, which is opened at first use.
struct GSSAPIExchange: SASLExchange {
  private enum State {
    case establishing
    case awaitsLayers
    case done
  }

  /// No security layer: what follows is as Kafka's protocol has it, or within TLS.
  private static let noLayer: UInt8 = 1

  private let service: String
  private let kerberos: SASLConfiguration.Kerberos
  private var context: GSSContext?
  private var state = State.establishing

  /// Makes an exchange with the broker of that host name.
  init(_ kerberos: SASLConfiguration.Kerberos, host: String) {
    self.kerberos = kerberos
    service = "\(kerberos.serviceName)@\(host)"
  }

  mutating func start() throws(SASLError) -> [UInt8] {
    let context = try GSSContext(
      service: service, principal: kerberos.principal, keytab: kerberos.keytab)
    self.context = context
    return try step(context, [])
  }

  mutating func received(_ message: [UInt8]) throws(SASLError) -> SASLStep {
    guard let context else { throw SASLError("the server's message comes out of turn") }
    switch state {
    case .establishing: return .send(try step(context, message))
    case .awaitsLayers:
      let offer = try context.unwrap(message)
      guard offer.count == 4, offer[0] & Self.noLayer != 0 else {
        throw SASLError("the broker demands a security layer of GSSAPI, which Kafka has none of")
      }
      state = .done
      return .send(try context.wrap([Self.noLayer, 0, 0, 0]))
    case .done: return .done
    }
  }

  private mutating func step(_ context: GSSContext, _ message: [UInt8]) throws(SASLError) -> [UInt8]
  {
    let (token, isComplete) = try context.step(message)
    if isComplete { state = .awaitsLayers }
    return token
  }
}
