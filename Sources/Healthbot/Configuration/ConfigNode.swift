/// A place in a configuration file.
public struct ConfigPlace: Hashable, Sendable, CustomStringConvertible {
  /// The file, as the user named it.
  public let file: String
  /// The line, from 1.
  public let line: Int

  /// Makes a place.
  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  /// `egest.yaml:12`.
  public var description: String { "\(file):\(line)" }
}

/// A value in a configuration file, YAML or JSON, with the place where it stands.
///
/// Annotations of Healthbot's (members whose name begins with `@`) are left out.
public struct ConfigNode: Sendable {
  /// What a node is.
  public indirect enum Content: Sendable {
    /// Names and values, in the file's order; no name is there twice.
    case mapping([Entry])
    /// A list.
    case sequence([ConfigNode])
    /// Text: in quotes, or plain and nothing else.
    case string(String)
    /// A number, as it is written.
    case number(String)
    /// `true` or `false`.
    case bool(Bool)
    /// `null`, `~` or nothing.
    case null
  }

  /// A name and its value in a mapping.
  public struct Entry: Sendable {
    /// The name.
    public let name: String
    /// Where the name stands.
    public let place: ConfigPlace
    /// The value.
    public var value: ConfigNode
  }

  /// What it is.
  public var content: Content
  /// Where it begins.
  public let place: ConfigPlace

  /// What it is, for error texts: `a list`, `the number 5`.
  var kind: String {
    switch content {
    case .mapping: "a map"
    case .sequence: "a list"
    case .string(let text): "the text \(shown(text, limit: 40))"
    case .number(let text): "the number \(shown(text, limit: 40))"
    case .bool(let value): "\(value)"
    case .null: "nothing"
    }
  }
}

/// What is wrong in a configuration, and where.
public struct ConfigIssue: Error, Hashable, Sendable, CustomStringConvertible {
  /// True for what can be lived with: hbcat sends, Healthbot itself would refuse it.
  public let isWarning: Bool
  /// Where; nil for what concerns the configuration as a whole.
  public let place: ConfigPlace?
  /// The thing, the value, the way out.
  public let message: String

  init(isWarning: Bool = false, _ place: ConfigPlace?, _ message: String) {
    self.isWarning = isWarning
    self.place = place
    self.message = message
  }

  /// Place and message, such as `egest.yaml:12: kafka-publish: unknown key "topik"`.
  public var description: String { place.map { "\($0): \(message)" } ?? message }
}
