/// One of librdkafka's configuration properties, and what hbcat makes of it.
public struct Property: Sendable {
  /// For whom a property is.
  public enum Role: String, Sendable {
    /// Consumers only.
    case consumer = "C"
    /// Producers only.
    case producer = "P"
    /// Every client.
    case both = "*"
  }

  /// Whether a property is the client's or a topic's, or (`both`) may be given as either.
  public enum Scope: Sendable {
    /// Never with the prefix `topic.`.
    case global
    /// With or without the prefix `topic.`.
    case topic
    /// Both; shown among the global ones.
    case both
  }

  /// What a number counts.
  public enum Unit: String, Sendable {
    /// Nothing but itself.
    case none = ""
    /// Milliseconds.
    case milliseconds = "ms"
    /// Bytes.
    case bytes = "bytes"
    /// 1024 bytes.
    case kibibytes = "KiB"
  }

  /// What values a property takes.
  public enum Kind: Sendable {
    /// `true` or `false`; also `t`, `f`, `1`, `0`.
    case bool
    /// A whole number in a range; `words` stand for numbers.
    case integer(ClosedRange<Int64>, Unit, words: [String: Int64])
    /// A number in a range, which may have a fraction.
    case decimal(ClosedRange<Double>, Unit)
    /// One of some words, in any case; `synonyms` are read as the word they stand for.
    case oneOf([String], synonyms: [String: String])
    /// Some of some words, separated by commas.
    case flags([String])
    /// One of some words exactly as they are written; librdkafka takes it for a text.
    case name([String])
    /// Regular expressions, separated by commas.
    case patterns
    /// Any text.
    case text
    /// Any text, which is never shown.
    case secret
    /// A function of librdkafka's interface, which no text can set.
    case callback
    /// What librdkafka keeps for itself, which nobody can set.
    case inner
  }

  /// What setting a property does.
  public enum Effect: Sendable {
    /// It is done.
    case honoured
    /// It is checked and accepted, and changes nothing, for this reason.
    case accepted(String)
    /// It is an error, for this reason.
    case refused(String)
  }

  /// librdkafka's own name for it.
  public let name: String
  /// Further names, librdkafka's and the Java client's.
  public let aliases: [String]
  /// For whom it is.
  public let role: Role
  /// Whether it is the client's or a topic's.
  public let scope: Scope
  /// What values it takes.
  public let kind: Kind
  /// hbcat's default as text; nil where there is none.
  public let defaultText: String?
  /// What setting it does.
  public let effect: Effect
  /// What else is to be known, such as where hbcat's default is not librdkafka's.
  public let note: String
}

// The rows of the tables are calls of these, so that a row reads as a line of a table.
extension Property {
  static let intMax: Int64 = 2_147_483_647

  static func bool(
    _ name: String, _ role: Role, _ value: Bool, _ effect: Effect = .honoured,
    scope: Scope = .global, aliases: [String] = [], note: String = ""
  ) -> Property {
    Property(
      name: name, aliases: aliases, role: role, scope: scope, kind: .bool,
      defaultText: value ? "true" : "false", effect: effect, note: note)
  }

  static func integer(
    _ name: String, _ role: Role, _ range: ClosedRange<Int64>, _ value: Int64,
    _ unit: Unit = .none, _ effect: Effect = .honoured, words: [String: Int64] = [:],
    scope: Scope = .global, aliases: [String] = [], note: String = ""
  ) -> Property {
    Property(
      name: name, aliases: aliases, role: role, scope: scope,
      kind: .integer(range, unit, words: words), defaultText: String(value), effect: effect,
      note: note)
  }

  static func decimal(
    _ name: String, _ role: Role, _ range: ClosedRange<Double>, _ value: String, _ unit: Unit,
    _ effect: Effect = .honoured, aliases: [String] = [], note: String = ""
  ) -> Property {
    Property(
      name: name, aliases: aliases, role: role, scope: .global, kind: .decimal(range, unit),
      defaultText: value, effect: effect, note: note)
  }

  static func oneOf(
    _ name: String, _ role: Role, _ words: [String], _ value: String,
    _ effect: Effect = .honoured, synonyms: [String: String] = [:], scope: Scope = .global,
    aliases: [String] = [], note: String = ""
  ) -> Property {
    Property(
      name: name, aliases: aliases, role: role, scope: scope,
      kind: .oneOf(words, synonyms: synonyms), defaultText: value, effect: effect, note: note)
  }

  static func text(
    _ name: String, _ role: Role, _ value: String? = nil, _ effect: Effect = .honoured,
    scope: Scope = .global, aliases: [String] = [], note: String = ""
  ) -> Property {
    Property(
      name: name, aliases: aliases, role: role, scope: scope, kind: .text, defaultText: value,
      effect: effect, note: note)
  }

  static func secret(
    _ name: String, _ role: Role, _ effect: Effect = .honoured, aliases: [String] = []
  ) -> Property {
    Property(
      name: name, aliases: aliases, role: role, scope: .global, kind: .secret, defaultText: nil,
      effect: effect, note: "")
  }

  static func flags(
    _ name: String, _ words: [String], _ value: String, _ effect: Effect = .honoured,
    note: String = ""
  ) -> Property {
    Property(
      name: name, aliases: [], role: .both, scope: .global, kind: .flags(words),
      defaultText: value, effect: effect, note: note)
  }

  static func callback(_ name: String, _ role: Role, scope: Scope = .global) -> Property {
    Property(
      name: name, aliases: [], role: role, scope: scope, kind: .callback, defaultText: nil,
      effect: .refused("a function cannot be given as text"), note: "")
  }

  static func inner(_ name: String, _ role: Role = .both) -> Property {
    Property(
      name: name, aliases: [], role: role, scope: .global, kind: .inner, defaultText: nil,
      effect: .refused("librdkafka keeps it for itself"), note: "")
  }
}
