import Testing

@testable import Healthbot

struct AlarmMatcherTests {
  private func one(_ text: String) throws -> AlarmMatcher {
    let list = try AlarmMatcher.list(parsing: text)
    return try #require(list.first)
  }

  @Test(arguments: [
    ("severity=major", "severity", AlarmMatcher.Operation.equal, "major"),
    (" device-id =~ \"mx.*\" ", "device-id", .matches, "mx.*"),
    ("device!=mx960-1", "device-id", .notEqual, "mx960-1"),
    ("message!~.*\\d+ drops, a=b", "message", .doesNotMatch, ".*\\d+ drops, a=b"),
    ("ptp-lock", "rule", .equal, "ptp-lock"),
    ("rule=", "rule", .equal, ""),
    ("rule=\"\"", "rule", .equal, ""),
    ("\"a key\"=\"x \\\"y\\\" \\\\ \\n\"", "a key", .equal, "x \"y\" \\ \n"),
    ("_instance_id==x", "_instance_id", .equal, "=x"),
    ("größe=ü", "größe", .equal, "ü"),
  ])
  func `amtool's spellings are read, and what is written is read again`(
    text: String, name: String, operation: AlarmMatcher.Operation, value: String
  ) throws {
    let matcher = try one(text)
    #expect(matcher == AlarmMatcher(name, operation, value))
    #expect(try one(matcher.description) == matcher)
  }

  @Test func `braces hold several`() throws {
    #expect(
      try AlarmMatcher.list(parsing: "{severity=major, device=~\"a,}b\" ,rule!=x,}").map(
        \.description) == ["severity=\"major\"", "device-id=~\"a,}b\"", "rule!=\"x\""])
    #expect(try AlarmMatcher.list(parsing: "{}").isEmpty)
  }

  @Test(arguments: [
    ("=x", 1, "expected a name, such as severity or device-id"),
    ("", 1, "expected a name, such as severity or device-id"),
    ("a b", 3, "expected =, !=, =~ or !~ behind the name"),
    ("ä!b", 2, "expected =, !=, =~ or !~ behind the name"),
    ("a=\"x", 3, "the closing '\"' is missing"),
    ("a=\"x\" y", 7, "nothing may stand behind the closing '\"'"),
    ("a=x\"y", 4, "a '\"' within a value needs a backslash before it"),
    ("{a=b", 5, "expected ',' or '}'"),
    ("{a=b} c", 7, "nothing may stand behind '}'"),
    ("{a}", 3, "expected =, !=, =~ or !~ behind the name"),
  ])
  func `what is no matcher is refused with the place`(text: String, column: Int, reason: String) {
    #expect(throws: AlarmMatcherError(text: text, reason: reason, column: column)) {
      try AlarmMatcher.list(parsing: text)
    }
  }

  @Test func `fields, keys and what is missing are matched as Alertmanager does`() throws {
    var alarm = AlarmSamples.alarm(keys: [("_instance_id", "[\"ptp\"]"), ("message", "a key")])
    alarm.setOtherField("site", to: AlarmValue(string: "zrh"))
    func matches(_ text: String) throws -> Bool {
      try one(text).matches(alarm, search: AlarmSamples.search)
    }
    #expect(try matches("severity=major") && matches("device=mx960-1") && matches("lock"))
    #expect(try matches("device-id=~mx.*") && !matches("device-id=~mx"))
    #expect(try matches("device-id=~x|mx960-.") && !matches("device-id=~mx|x"))
    #expect(try matches("device-id!~mx") && !matches("device-id!~mx.*"))
    #expect(try matches("_instance_id=[\\\"ptp\\\"]"))
    #expect(try matches("message=not aligned") && matches("keys.message=a key"))
    #expect(try matches("site=zrh") && matches("nothing=") && !matches("nothing!="))
    #expect(try matches("nothing=~.*") && !matches("nothing=~.+"))
    let all = try AlarmMatcher.list(parsing: "{severity=major,group=ptp}")
    #expect(try all.match(alarm, search: AlarmSamples.search))
    #expect(all.group == "ptp")
    alarm.severity = .minor
    #expect(try !all.match(alarm, search: AlarmSamples.search))
  }

  @Test func `an expression that is one only by what stands around it is refused`() throws {
    let matcher = try one("rule=~a)|(b")
    #expect(throws: RulePatternError.self) { try matcher.check(search: AlarmSamples.search) }
    try one("rule=~a|b").check(search: AlarmSamples.search)
  }
}
