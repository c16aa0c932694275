/// PLAIN (RFC 4616): one message with user and password, which the server answers with nothing.
struct PlainExchange: SASLExchange {
  private let username: String
  private let password: Secret

  /// Makes an exchange.
  ///
  /// - Throws: `SASLError` where a NUL, which parts the message, stands in one of them (S29).
  init(username: String, password: Secret) throws(SASLError) {
    for (name, text) in [("sasl.username", username), ("sasl.password", password.text)]
    where text.utf8.contains(0) {
      throw SASLError("a NUL is not allowed in \(name) with PLAIN")
    }
    self.username = username
    self.password = password
  }

  mutating func start() -> [UInt8] {
    [0] + Array(username.utf8) + [0] + Array(password.text.utf8)
  }

  mutating func received(_ message: [UInt8]) -> SASLStep { .done }
}
