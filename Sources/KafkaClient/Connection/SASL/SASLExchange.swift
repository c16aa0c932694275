/// The client's side of a mechanism: what the server said in, what to say next out.
///
/// A value without any I/O of its own, but its functions may take long (a password is hashed, a ticket is
/// asked for), so they run on a thread of their own.
protocol SASLExchange: Sendable {
  /// The client's first message.
  mutating func start() throws(SASLError) -> [UInt8]
  /// What to do about the server's next message.
  mutating func received(_ message: [UInt8]) throws(SASLError) -> SASLStep
}

/// What a client does after a message of the server's.
enum SASLStep: Hashable, Sendable {
  /// It answers.
  case send([UInt8])
  /// It has authenticated itself, and the server too where the mechanism does that.
  case done
}

/// Why a mechanism cannot go on.
struct SASLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A sentence that holds no secret.
  let description: String

  init(_ description: String) { self.description = description }
}
