import Healthbot
import KafkaClient

/// Finds regular expressions in texts for what knows no PCRE2, each expression compiled once.
final class PatternCache {
  /// The most expressions that are kept.
  private static let countMax = 1000

  private var patterns: [String: TopicPattern] = [:]

  /// Whether an expression is found in a text.
  func search(_ pattern: String, _ text: String, _ ignoresCase: Bool) throws(RulePatternError)
    -> Bool
  {
    let whole = ignoresCase ? "(?i)" + pattern : pattern
    do throws(TopicPatternError) {
      if let known = patterns[whole] { return try known.matches(text) }
      let compiled = try TopicPattern(whole)
      if patterns.count >= Self.countMax { patterns = [:] }
      patterns[whole] = compiled
      return try compiled.matches(text)
    } catch {
      throw RulePatternError(reason: "\(error)")
    }
  }
}
