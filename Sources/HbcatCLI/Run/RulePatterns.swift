import Healthbot
import KafkaClient

/// The regular expressions of rules and matchers, compiled once each.
final class RulePatterns {
  private struct Key: Hashable {
    var pattern: String
    var ignoresCase: Bool
  }

  /// The most that are kept; a pattern may hold a record's values, so that there is no end of them.
  private let countMax: Int
  private var known: [Key: TextPattern] = [:]

  /// How many are kept.
  var count: Int { known.count }

  init(countMax: Int = 1000) { self.countMax = countMax }

  /// The same for what knows no PCRE2.
  var searching: RulePatternSearch {
    { (pattern, text, ignoresCase) throws(RulePatternError) in
      try self.search(pattern, in: text, ignoresCase: ignoresCase)
    }
  }

  /// Whether a pattern is found in a text.
  ///
  /// - Throws: `RulePatternError` where it is none, or takes too many steps.
  func search(_ pattern: String, in text: String, ignoresCase: Bool) throws(RulePatternError)
    -> Bool
  {
    let key = Key(pattern: pattern, ignoresCase: ignoresCase)
    do throws(TextPatternError) {
      let compiled: TextPattern
      if let found = known[key] {
        compiled = found
      } else {
        compiled = try TextPattern(pattern, ignoresCase: ignoresCase)
        if known.count >= countMax { known.removeAll(keepingCapacity: true) }
        known[key] = compiled
      }
      return try compiled.isFound(in: text)
    } catch {
      throw RulePatternError(
        reason: "regular expression \(Messages.visible(pattern)): \(error.reason)")
    }
  }
}
