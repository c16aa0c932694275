import Healthbot
import Testing

@testable import HbcatCLI

struct MatcherPatternTests {
  @Test func `expressions match whole values, and letters rather than bytes`() throws {
    let search = RulePatterns().searching
    func matches(_ pattern: String, _ text: String) throws -> Bool {
      var alarm = AlarmRows.entry(.major, text, message: "", sinceMs: 0).alarm
      alarm.rule = text
      return try AlarmMatcher("rule", .matches, pattern).matches(alarm, search: search)
    }
    #expect(try matches("mx.*", "mx960") && !matches("mx", "mx960") && matches("a|mx960", "mx960"))
    #expect(try matches("...", "日本語") && matches(".*", "") && !matches("a", "a\n"))
    #expect(try search("ABC", "xabcx", true) && !search("ABC", "xabcx", false))
  }

  @Test func `S63: an expression that would take for ever ends in an error`() {
    let search = RulePatterns().searching
    let text = String(repeating: "a", count: 40) + "!"
    #expect(throws: RulePatternError.self) { try search("^(a|aa)+$", text, false) }
  }

  @Test func `an expression that is none is an error that names the place`() {
    let search = RulePatterns().searching
    #expect {
      try search("a(", "", false)
    } throws: { error in
      (error as? RulePatternError)?.reason
        == "regular expression a(: missing closing parenthesis at byte 2"
    }
  }
}
