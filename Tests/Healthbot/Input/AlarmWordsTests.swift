import Testing

@testable import Healthbot

private func line(_ text: String, _ defaults: AlarmDefaults = AlarmDefaults(), number: Int = 1)
  throws(AlarmError) -> String
{
  try line(Array(text.utf8), defaults, number)
}

private func line(_ bytes: [UInt8], _ defaults: AlarmDefaults, _ number: Int) throws(AlarmError)
  -> String
{
  let result = bytes.withUnsafeBytes { bytes in
    Result { () throws(AlarmError) in
      try AlarmWords.alarm(in: bytes, line: number, defaults: defaults)
    }
  }
  return String(decoding: AlarmLine.bytes(of: try result.get()), as: UTF8.self)
}

/// What is wrong with a line.
private func error(_ text: String, number: Int = 1) -> String {
  do { return "accepted: \(try line(text, number: number))" } catch { return "\(error)" }
}

@Suite struct AlarmWordsTests {
  private let rest = "group=g topic=t rule=r trigger=tr severity=major"

  @Test func `Healthbot's names are fields and others are keys`() throws {
    #expect(
      try line(
        "group=g device-id=mx1 topic=t rule=r trigger=tr severity=major message=\"link down\" b=2 a=1"
      )
        == #"{"device-id": "mx1", "group": "g", "keys": {"a": "1", "b": "2"}, "message": "link down", "#
        + #""rule": "r", "severity": "major", "topic": "t", "trigger": "tr"}"#)
  }

  @Test func `words of a command line are not split again`() throws {
    let words =
      ["device=mx 1", "message=a \"b\" c=d", "k="] + rest.split(separator: " ").map(String.init)
    let alarm = try AlarmWords.alarm(in: words)
    #expect(alarm.deviceID == "mx 1")
    #expect(alarm.message == "a \"b\" c=d")
    #expect(alarm.keys == [AlarmMember(name: "k", value: AlarmValue(string: ""))])
  }

  @Test(arguments: [
    (#"a\ b"#, "a b"), (#"'a\"b'"#, #"a\"b"#), (#""a\"b\\c\nd\qe""#, "a\"b\\c\nd\\qe"),
    (#"x"y z"'"w"'"#, #"xy z"w""#), ("\"\"", ""), ("é\"ü ß\"", "éü ß"),
  ])
  func `quotes and backslashes are a shell's`(written: String, meant: String) throws {
    let text = "device=d  \(rest)\tmessage=\(written) \r"
    let alarm = try Array(text.utf8).withUnsafeBytes { try AlarmWords.alarm(in: $0) }
    #expect(alarm.message == meant)
  }

  @Test func `a malformed line is told with its place`() {
    #expect(error("device=é x", number: 7) == "line 7, column 10: \"x\" is no NAME=VALUE")
    #expect(error("=x") == "line 1, column 1: \"=x\" is no NAME=VALUE")
    #expect(error("é=\"ü") == "line 1, column 3: the quote \" is not closed")
    #expect(
      error("a=\\") == "line 1, column 3: a backslash at the line's end has nothing to take")
    #expect(
      error("severity=red")
        == "line 1, column 1: field \"severity\": \"red\" is no severity; use major, minor or normal"
    )
    #expect(
      error("device=a device-id=b") == "line 1, column 10: the name \"device-id\" is there twice")
    #expect(error("a=1 a=2") == "line 1, column 5: the name \"a\" is there twice")
    #expect(
      error("keys=1")
        == "line 1, column 1: \"keys\" is an object; a key is a word of its own, NAME=VALUE")
  }

  @Test func `bytes that are no UTF-8 are refused`() {
    #expect(throws: AlarmError(reason: .notWords("the word is not UTF-8"), line: 1, column: 5)) {
      try line(Array("a=1 b=".utf8) + [0xC3], AlarmDefaults(), 1)
    }
  }

  @Test func `defaults fill, and all that still lacks is named at once`() throws {
    var defaults = AlarmDefaults()
    defaults.group = "g"
    defaults.severity = .minor
    defaults.rule = "never"
    #expect(
      throws: AlarmError(
        reason: .missing([.deviceID, .message, .topic, .trigger]), line: 1, column: 7)
    ) {
      try line("rule=r", defaults)
    }
    defaults.deviceID = "d"
    defaults.message = "m"
    defaults.topic = "t"
    defaults.trigger = "tr"
    let alarm = try AlarmWords.alarm(in: ["rule=r", "severity=normal"], defaults: defaults)
    #expect(alarm.rule == "r")
    #expect(alarm.severity == .normal)
    #expect(alarm.group == "g")
  }

  @Test func `a device may be missing where the group is a network group's`() throws {
    let words = (rest + " message=m").split(separator: " ").map(String.init)
    #expect(throws: AlarmError(reason: .missing([.deviceID]), line: 1, column: 7)) {
      try AlarmWords.alarm(in: words)
    }
    #expect(try AlarmWords.alarm(in: words, needsDevice: false).deviceID == nil)
  }
}
