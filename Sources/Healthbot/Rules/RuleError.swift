/// Why a file of rules, or a rule in it, cannot be used, and where.
public struct RuleError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// The text is neither Junos configuration nor JSON as rules are written; the text says why.
    case syntax(String)
    /// More bytes than a file of rules may have.
    case tooLarge(byteCount: Int)
    /// More braces in one another than are allowed.
    case tooDeep
    /// Something of Healthbot's that hbcat does not do.
    case unsupported(rule: String, thing: String)
    /// Something that Healthbot would not take either.
    case invalid(rule: String, String)
  }

  /// What is wrong.
  public let reason: Reason
  /// The file, as the caller named it.
  public let file: String
  /// The line, from 1.
  public let line: Int
  /// The column in characters (Unicode scalars), from 1.
  public let column: Int

  /// The rule that is refused; nil where the whole file is.
  public var rule: String? {
    switch reason {
    case .unsupported(let rule, _), .invalid(let rule, _): rule
    case .syntax, .tooLarge, .tooDeep: nil
    }
  }

  /// The reason as a sentence, without the position.
  public var message: String {
    switch reason {
    case .syntax(let why): why
    case .tooLarge(let byteCount):
      "\(byteCount) bytes are too many for a file of rules; \(JunosTree.bytesMax) may be"
    case .tooDeep: "more than \(JunosTree.depthMax) braces in one another"
    case .unsupported(let rule, let thing):
      "rule \(shown(rule, limit: 80)): \(thing) is not supported; remove it or the rule"
    case .invalid(let rule, let why): "rule \(shown(rule, limit: 80)): \(why)"
    }
  }

  /// File, position and reason: `cpu.rule:12:9: rule "cpu": …`.
  public var description: String { "\(file):\(line):\(column): \(message)" }
}

/// A place in a file.
struct RulePlace: Hashable, Sendable {
  var line: Int
  var column: Int
}
