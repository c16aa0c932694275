import Healthbot
import Testing

@testable import HbcatCLI

@Suite struct RulePatternsTests {
  @Test func `patterns are searched for anywhere, with case or without`() throws {
    let patterns = RulePatterns()
    #expect(try patterns.search("e-\\d", in: "xe-0/0/0", ignoresCase: false))
    #expect(try !patterns.search("DOWN", in: "down", ignoresCase: false))
    #expect(try patterns.search("DOWN", in: "down", ignoresCase: true))
    #expect(try patterns.search("^ü.$", in: "üß", ignoresCase: false))
    #expect(patterns.count == 4)
    #expect(try !patterns.search("DOWN", in: "up", ignoresCase: true))
    #expect(patterns.count == 4)
  }

  @Test func `no more are kept than may be`() throws {
    let patterns = RulePatterns(countMax: 3)
    for number in 0..<100 {
      #expect(try patterns.search("^\(number)$", in: "\(number)", ignoresCase: false))
      #expect(patterns.count <= 3)
    }
  }

  @Test func `what is no pattern, or takes too long, is an error and no end`() {
    let patterns = RulePatterns()
    #expect(throws: RulePatternError.self) {
      try patterns.search("(", in: "", ignoresCase: false)
    }
    #expect(throws: RulePatternError.self) {
      try patterns.search(
        "(a+)+$", in: String(repeating: "a", count: 5000) + "b", ignoresCase: false)
    }
  }
}
