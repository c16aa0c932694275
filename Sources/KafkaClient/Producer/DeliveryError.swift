public import KafkaProtocol

/// Why records were finally not delivered.
public enum DeliveryError: Error, Sendable, Hashable {
  /// The broker refused them; `message` is its own text, where it gave one.
  case broker(ErrorCode, message: String?)
  /// `message.timeout.ms` passed; `last` is what the last try ended with, where there was one.
  case timedOut(last: String?)
  /// `retries` tries failed; `last` is what the last one ended with.
  case retriesExhausted(last: String)
  /// The leader cannot be spoken to, for a reason that no other try mends, such as its certificate.
  case unreachable(String)
  /// The partition's leader is too old for the batch's form; the text says what it needs.
  case unsupported(String)
  /// What came before them failed, and they would have left a gap (`enable.gapless.guarantee`).
  case gap
  /// The producer was closed before they were sent.
  case closed
}

extension DeliveryError: CustomStringConvertible {
  /// A sentence in librdkafka's words where it has them.
  public var description: String {
    switch self {
    case .broker(let code, let message):
      ProduceVerdict.sentence(code) + (message.map { " (\($0))" } ?? "")
    case .timedOut(let last):
      "Local: Message timed out" + (last.map { " (\($0))" } ?? "")
    case .retriesExhausted(let last): last
    case .unreachable(let text): text
    case .unsupported(let text): text
    case .gap: "Local: Gap-less ordering would not be guaranteed if proceeding"
    case .closed: "Local: Purged in queue"
    }
  }
}
