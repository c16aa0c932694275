import KafkaClient

/// A client property as somebody set it, by librdkafka's name.
struct PropertySetting: Hashable, Sendable {
  /// Where it was set.
  enum Origin: Hashable, Sendable {
    /// `-X` or an option that sets a property.
    case commandLine
    /// A configuration file; `path:line`.
    case file(place: String)
  }

  var name: String
  var value: String
  var origin = Origin.commandLine

  /// Whether the value is a password, a key or the like, and not empty.
  var isSecret: Bool {
    if case .secret? = PropertyTable.find(name)?.kind { !value.isEmpty } else { false }
  }
}
