import KafkaClient

/// Why something is not delivered.
struct DeliveryRefusal: Error {
  /// The thing, the value, the way out.
  var text: String
  /// Whether it may go another time, so that it is worth keeping.
  var mayPass: Bool
  /// What stands in the way of a whole cluster.
  var cause: ClientError?

  /// Somebody wants an end: nothing has to be said.
  static let interrupted = DeliveryRefusal(text: "interrupted", mayPass: true)

  /// Whether it is that.
  var isInterruption: Bool { text == Self.interrupted.text }
}
