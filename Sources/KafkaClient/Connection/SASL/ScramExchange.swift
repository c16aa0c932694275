internal import Transport

/// SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677): each side proves that it knows the password.
///
/// Without channel binding, as Kafka has none. User and password are taken as the UTF-8 bytes that they
/// are: neither Kafka (`ScramFormatter.normalize`) nor librdkafka applies SASLprep.
struct ScramExchange: SASLExchange {
  /// How often the password is hashed: fewer times are too weak, more would keep the client busy for long.
  static let iterations: ClosedRange<Int32> = 4096...10_000_000

  private enum State {
    case first
    case awaitsChallenge
    case awaitsSignature([UInt8])
    case done
  }

  private let algorithm: Crypto.Algorithm
  private let username: String
  private let password: Secret
  /// The password is a delegation token's HMAC (KIP-48), the user's name its id.
  private let isDelegationToken: Bool
  private let givenNonce: String?
  private var nonce = ""
  private var state = State.first

  /// Makes an exchange; `nonce` is random unless a test gives one.
  ///
  /// - Throws: `SASLError` where a NUL, which SCRAM's names cannot have, stands in the user's name.
  init(
    _ algorithm: Crypto.Algorithm, username: String, password: Secret,
    isDelegationToken: Bool = false, nonce: String? = nil
  ) throws(SASLError) {
    guard !username.utf8.contains(0) else {
      throw SASLError("a NUL is not allowed in sasl.username with SCRAM")
    }
    self.algorithm = algorithm
    self.username = username
    self.password = password
    self.isDelegationToken = isDelegationToken
    givenNonce = nonce
  }

  /// What the server's signature covers begins with this.
  private var clientFirstBare: String {
    "n=\(Self.escaped(username)),r=\(nonce)" + (isDelegationToken ? ",tokenauth=true" : "")
  }

  mutating func start() throws(SASLError) -> [UInt8] {
    if let givenNonce {
      nonce = givenNonce
    } else {
      nonce = Base64.encode(try crypto { () throws(CryptoError) in try Crypto.randomBytes(24) })
    }
    state = .awaitsChallenge
    return Array("n,,\(clientFirstBare)".utf8)
  }

  mutating func received(_ message: [UInt8]) throws(SASLError) -> SASLStep {
    guard let text = String(validating: message, as: UTF8.self) else {
      throw SASLError("the server's message is not UTF-8")
    }
    switch state {
    case .awaitsChallenge: return .send(try proof(ofChallenge: text))
    case .awaitsSignature(let expected):
      try check(final: text, expected)
      state = .done
      return .done
    case .first, .done: throw SASLError("the server's message comes out of turn")
    }
  }

  /// `=` and `,`, which part the message, as RFC 5802 writes them.
  static func escaped(_ name: String) -> String {
    var result = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case ",": result += "=2C"
      case "=": result += "=3D"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  // MARK: Steps

  private mutating func proof(ofChallenge text: String) throws(SASLError) -> [UInt8] {
    let challenge = try ScramChallenge(text, clientNonce: nonce)
    let withoutProof = "c=biws,r=\(challenge.nonce)"
    let authMessage = Array("\(clientFirstBare),\(text),\(withoutProof)".utf8)
    let algorithm = algorithm
    let password = Array(password.text.utf8)
    let keys = try crypto { () throws(CryptoError) in
      let salted = try Crypto.pbkdf2(
        algorithm, password: password, salt: challenge.salt, iterations: challenge.iterations)
      let client = try Crypto.hmac(algorithm, key: salted, Array("Client Key".utf8))
      let stored = try Crypto.hash(algorithm, client)
      let server = try Crypto.hmac(algorithm, key: salted, Array("Server Key".utf8))
      return (
        client: client, clientSignature: try Crypto.hmac(algorithm, key: stored, authMessage),
        serverSignature: try Crypto.hmac(algorithm, key: server, authMessage)
      )
    }
    let proof = zip(keys.client, keys.clientSignature).map { $0 ^ $1 }
    state = .awaitsSignature(keys.serverSignature)
    return Array("\(withoutProof),p=\(Base64.encode(proof))".utf8)
  }

  /// A server that cannot sign does not know the password: it only poses as the broker.
  private func check(final text: String, _ expected: [UInt8]) throws(SASLError) {
    let first = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)[0]
    if first.hasPrefix("e=") {
      throw SASLError("the server refuses: \(first.dropFirst(2))")
    }
    guard first.hasPrefix("v="), let signature = Base64.decode(first.dropFirst(2)) else {
      throw SASLError("the server's last message has neither a signature (v=) nor an error (e=)")
    }
    guard try crypto({ () throws(CryptoError) in try Crypto.areEqual(signature, expected) }) else {
      throw SASLError(
        "the server's signature is wrong: it does not know the password and may not be the broker")
    }
  }

  private func crypto<T>(_ body: () throws(CryptoError) -> T) throws(SASLError) -> T {
    do throws(CryptoError) { return try body() } catch { throw SASLError(error.description) }
  }
}

/// The server's first message: `r=…,s=…,i=…`.
private struct ScramChallenge {
  var nonce: String
  var salt: [UInt8]
  var iterations: Int32

  init(_ text: String, clientNonce: String) throws(SASLError) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    if let first = parts.first, first.hasPrefix("e=") {
      throw SASLError("the server refuses: \(first.dropFirst(2))")
    }
    if parts.first?.hasPrefix("m=") == true {
      throw SASLError("the server demands an extension of SCRAM that hbcat does not know")
    }
    guard parts.count >= 3, parts[0].hasPrefix("r="), parts[1].hasPrefix("s="),
      parts[2].hasPrefix("i=")
    else {
      throw SASLError("the server's first message is not r=…,s=…,i=…")
    }
    nonce = String(parts[0].dropFirst(2))
    guard nonce.hasPrefix(clientNonce), nonce.utf8.count > clientNonce.utf8.count else {
      throw SASLError("the server's nonce does not extend the client's")
    }
    guard let salt = Base64.decode(parts[1].dropFirst(2)), !salt.isEmpty else {
      throw SASLError("the server's salt is empty or no base64")
    }
    self.salt = salt
    guard let iterations = Int32(parts[2].dropFirst(2)), ScramExchange.iterations ~= iterations
    else {
      throw SASLError(
        "the server asks for \(parts[2].dropFirst(2)) iterations, which is outside "
          + "\(ScramExchange.iterations.lowerBound) to \(ScramExchange.iterations.upperBound)")
    }
    self.iterations = iterations
  }
}
