public import KafkaProtocol
public import Transport

/// What goes wrong between the client and the cluster.
///
/// `description` says it in librdkafka's words where it has them, since scripts look for these.
public enum ClientError: Error, Sendable {
  /// No connection to any of the brokers; one line per address that was tried.
  case unreachable([String])
  /// A connection broke; `peer` is its name, `reason` says how.
  case disconnected(peer: String, reason: String)
  /// What listens there does not speak Kafka's protocol, or not in the clear; `reason` says what it seems.
  case notKafka(peer: String, reason: String)
  /// TLS cannot be set up, or not with that peer; another try gives no better.
  case tls(peer: String, TLSError)
  /// The broker does not take the client for who it says, or cannot be asked to; `reason` says why.
  case authentication(peer: String, reason: String)
  /// The broker answered with an error; `message` is its own text, where it gave one.
  case broker(ErrorCode, message: String?)
  /// No answer within the time that `what` may take.
  case timedOut(what: String, afterMs: Int64)
  /// The peer sent bytes that are no valid `what`.
  case malformed(what: String, peer: String, WireError)
  /// The broker is too old, or too new, for an API.
  case unsupported(what: String, needs: String)
  /// The topic is not there.
  case unknownTopic(String)
  /// The partition is not there.
  case unknownPartition(topic: String, Int32)
  /// The client is closing.
  case closed

  /// True where another try, perhaps after new metadata, may succeed.
  public var isRetriable: Bool {
    switch self {
    case .unreachable, .disconnected, .timedOut: true
    case .broker(let code, _): code.isRetriable
    case .notKafka, .tls, .authentication, .malformed, .unsupported, .unknownTopic,
      .unknownPartition, .closed:
      false
    }
  }
}

extension ClientError: CustomStringConvertible {
  /// A sentence for people.
  public var description: String {
    switch self {
    case .unreachable, .disconnected: "Local: Broker transport failure"
    case .notKafka(let peer, let reason): "Local: Broker transport failure: \(peer): \(reason)"
    case .tls(let peer, let error): "Local: SSL error: \(peer): \(error)\(Self.hint(error.cause))"
    case .authentication(let peer, let reason):
      "Local: Authentication failure: \(peer): \(reason)"
    case .broker(let code, let message):
      message.map { "\(code.sentence) (\($0))" } ?? code.sentence
    case .timedOut: "Local: Timed out"
    case .malformed(let what, let peer, let error):
      "Local: Bad message format: \(what) from \(peer): \(error)"
    case .unsupported(let what, let needs):
      "Local: Required feature not supported by broker: \(what) needs \(needs)"
    case .unknownTopic: "Broker: Unknown topic or partition"
    case .unknownPartition: "Local: Unknown partition"
    case .closed: "Local: Broker handle destroyed for termination"
    }
  }

  /// Why, without the peer and librdkafka's heading: for a text that names the peer itself.
  var reason: String {
    switch self {
    case .disconnected(_, let reason), .notKafka(_, let reason), .authentication(_, let reason):
      reason
    case .tls(_, let error): "\(error)\(Self.hint(error.cause))"
    case .timedOut(_, let afterMs): "no answer within \(afterMs) ms"
    case .malformed(let what, _, let error): "\(what): \(error)"
    case .unreachable(let attempts): attempts.joined(separator: ", ")
    case .unsupported(let what, let needs): "\(what) needs \(needs)"
    case .broker, .unknownTopic, .unknownPartition, .closed: description
    }
  }

  /// The way out of a trouble with TLS.
  private static func hint(_ cause: TLSError.Cause) -> String {
    switch cause {
    case .untrusted: "; is ssl.ca.location the certificate of the broker's authority?"
    case .wrongHost: "; connect by one of its names, or set ssl.endpoint.identification.algorithm"
    case .certificateMissing:
      "; set ssl.certificate.location and ssl.key.location, or ssl.keystore.location"
    case .closedUnanswered: "; is it a plaintext listener? (security.protocol)"
    case .notTLS: "; is this the right port? (security.protocol)"
    case .alert(40): "; no cipher or curve in common, or it wants a certificate"
    case .setup, .outOfDate, .revoked, .badCertificate, .certificateRefused, .alert, .tooOld,
      .interrupted, .broken:
      ""
    }
  }

  /// What lies behind the sentence, a line each; empty where it says all.
  public var details: [String] {
    switch self {
    case .unreachable(let attempts): attempts
    case .disconnected(let peer, let reason): ["\(peer): \(reason)"]
    case .timedOut(let what, let afterMs): ["\(what): no answer within \(afterMs) ms"]
    case .notKafka, .tls, .authentication, .broker, .malformed, .unsupported, .unknownTopic,
      .unknownPartition, .closed:
      []
    }
  }
}

/// A line for the log; the caller decides whether anybody sees it.
public struct ClientLog: Sendable {
  /// How much it matters, in syslog's numbers.
  public enum Level: Int, Sendable {
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
    case debug = 7
  }
  /// How much it matters.
  public var level: Level
  /// librdkafka's word for the kind of event, such as FAIL, OFFSET or CONNECT.
  public var facility: String
  /// What happened, without a newline.
  public var text: String
  /// Makes a line.
  public init(_ level: Level, _ facility: String, _ text: String) {
    self.level = level
    self.facility = facility
    self.text = text
  }
}
