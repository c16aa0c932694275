/// Why a line is no alarm, and where.
public struct AlarmError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Equatable, Sendable {
    /// The line is not JSON; the text says why.
    case notJSON(String)
    /// The line is JSON but not an object.
    case notAnObject(found: String)
    /// Healthbot's fields that the line lacks.
    case missing([AlarmLine.Field])
    /// A field's value has the wrong type.
    case wrongType(AlarmLine.Field, expected: String, found: String)
    /// A severity that Healthbot does not have.
    case unknownSeverity(String)
    /// A word that is no `name=value`, or a line that cannot be split into words.
    case notWords(String)
    /// A field, or a name inside `keys` or a value, that was there before.
    case duplicate(String)
  }

  /// What is wrong.
  public let reason: Reason
  /// The number of the line, from 1 or from what the reader was told.
  public let line: Int
  /// The column in characters (Unicode scalars), from 1.
  public let column: Int

  /// The reason as a sentence, without the position.
  public var message: String {
    switch reason {
    case .notJSON(let why): why
    case .notAnObject(let found): "an alarm is a JSON object, not \(found)"
    case .missing(let fields):
      "field\(fields.count == 1 ? "" : "s") "
        + fields.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        + (fields.count == 1 ? " is missing" : " are missing")
    case .wrongType(let field, let expected, let found):
      "field \"\(field.rawValue)\" must be \(expected), not \(found)"
    case .unknownSeverity(let value):
      "field \"severity\": \(shown(value, limit: 40)) is no severity; use major, minor or normal"
    case .notWords(let why): why
    case .duplicate(let name): "the name \(shown(name, limit: 80)) is there twice"
    }
  }

  /// Position and reason: `line 3, column 12: field "rule" is missing`.
  public var description: String { "line \(line), column \(column): \(message)" }
}
