/// A regular expression for topics' names, with limits: a hostile one ends in an error (S63).
struct TopicPattern {
  /// The expression as it was written.
  let text: String
  private let pattern: TextPattern

  /// Compiles an expression; it is searched for, so that only `^` and `$` bind it to the name's ends.
  ///
  /// - Throws: `TopicPatternError` where it is none.
  init(_ text: String) throws(TopicPatternError) {
    self.text = text
    do throws(TextPatternError) { pattern = try TextPattern(text) } catch {
      throw TopicPatternError(pattern: text, reason: error.reason)
    }
  }

  /// Whether the expression is found in a topic's name.
  ///
  /// - Throws: `TopicPatternError` where that takes more steps than may be.
  func matches(_ topic: String) throws(TopicPatternError) -> Bool {
    do throws(TextPatternError) { return try pattern.isFound(in: topic) } catch {
      throw TopicPatternError(pattern: text, reason: "\(error.reason) in topic \(topic)")
    }
  }
}

/// A regular expression is none, or takes too long.
public struct TopicPatternError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The expression.
  public let pattern: String
  /// PCRE2's words.
  public let reason: String
  /// A sentence for people.
  public var description: String { "regular expression \(pattern): \(reason)" }
}
