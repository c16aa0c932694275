/// Where a name, a string, a number or a whole value lies in the text; nothing is copied.
public struct JSONSpan: Hashable, Sendable {
  /// Bytes from the start of the text; behind the opening quote for strings and names.
  public let offset: Int
  /// Length in bytes, without quotes for strings and names.
  public let count: Int
  /// True where a string has escapes, so that its text is not its value.
  public let hasEscapes: Bool

  init(offset: Int, count: Int, hasEscapes: Bool = false) {
    self.offset = offset
    self.count = count
    self.hasEscapes = hasEscapes
  }
}

/// One step through a JSON text.
public enum JSONToken: Hashable, Sendable {
  /// `{`.
  case objectStart
  /// `}`.
  case objectEnd
  /// `[`.
  case arrayStart
  /// `]`.
  case arrayEnd
  /// A member's name, its colon consumed; the value comes next.
  case name(JSONSpan)
  /// A string.
  case string(JSONSpan)
  /// A number, as its text.
  case number(JSONSpan)
  /// `true` or `false`.
  case bool(Bool)
  /// `null`.
  case null

  /// What the token is, in words for an error text.
  public var kind: String {
    switch self {
    case .objectStart: "an object"
    case .objectEnd: "the end of an object"
    case .arrayStart: "an array"
    case .arrayEnd: "the end of an array"
    case .name: "a name"
    case .string: "a string"
    case .number: "a number"
    case .bool: "a boolean"
    case .null: "null"
    }
  }
}
