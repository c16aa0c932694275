import Healthbot
import Testing

@Suite struct RuleEngineStateTests {
  private func lines(_ engine: RuleEngine) -> [String] {
    var lines: [String] = []
    engine.exportState { lines.append(String(decoding: $0, as: UTF8.self)) }
    return lines.sorted()
  }

  private func load(_ lines: [String], into engine: inout RuleEngine) throws -> [Bool] {
    try lines.enumerated().map { index, line in
      try Array(line.utf8).withUnsafeBytes { try engine.importState($0, line: index + 1) }
    }
  }

  @Test func `after a restart nothing is raised twice, and the clear still is`() throws {
    var asked = try Asked(RuleEngineTests.link)
    _ = try asked.received(RuleEngineTests.record("xe-0", "DOWN"))
    _ = try asked.received(RuleEngineTests.record("xe-1", "UP"))
    var again = try Asked(RuleEngineTests.link)
    #expect(try load(lines(asked.engine), into: &again.engine) == [true, true])
    #expect(lines(again.engine) == lines(asked.engine))
    #expect(try again.received(RuleEngineTests.record("xe-0", "DOWN")).isEmpty)
    #expect(try again.received(RuleEngineTests.record("xe-0", "UP")).count == 1)
    #expect(try again.received(RuleEngineTests.record("xe-1", "DOWN")).count == 1)
  }

  @Test func `time ranges and increases go on over a restart`() throws {
    let text = when(#"increasing-at-least-by-value "$f" { value 5; time-range 60s; all; }"#)
    var asked = try Asked(text)
    _ = try asked.received(#"{"f": 1.5, "g": "ü\"\n"}"#, at: 1000)
    _ = try asked.received(#"{"f": 7}"#, at: 2000)
    var again = try Asked(text)
    _ = try load(lines(asked.engine), into: &again.engine)
    #expect(lines(again.engine) == lines(asked.engine))
    #expect(try again.received(#"{"f": 20}"#, at: 3000) == ["mx1 tr major f is 20"])
  }

  @Test func `state of rules, triggers and fields that are gone is left out`() throws {
    var asked = try Asked(RuleEngineTests.link)
    _ = try asked.received(RuleEngineTests.record("xe-0", "DOWN"))
    let state = lines(asked.engine)
    var other = try Asked(when(#"equal-to "$f" 1;"#))
    #expect(try load(state, into: &other.engine) == [false])
    let gone = [
      #"{"topic":"t","rule":"r","device":"d","keys":[],"last-ms":5,"x":[1],"#
        + #""triggers":{"gone":["major","m"]},"fields":{"gone":[[1,2]],"f":[[9,1],[4,1],[2,1]]}}"#
    ]
    #expect(try load(gone, into: &other.engine) == [true])
    #expect(lines(other.engine)[0].contains(#""fields":{"f":[[4,1]]}"#))
  }

  @Test func `lines that are no state are refused with their number`() throws {
    var asked = try Asked(RuleEngineTests.link)
    for line in [
      "", "[]", "{}", #"{"topic":1}"#,
      #"{"topic":"t","rule":"r","device":"d","keys":[],"last-ms":-1}"#,
      #"{"topic":"t","rule":"r","device":"d","keys":["a"],"last-ms":1,"triggers":{"link":["bad","m"]}}"#,
      #"{"topic":"t","rule":"r","device":"d","keys":["a"],"last-ms":1,"fields":{"up":[[1]]}}"#,
      #"{"topic":"t"} x"#,
    ] {
      #expect(throws: RuleStateError.self, "\(line)") { try load([line], into: &asked.engine) }
    }
    do { _ = try load(["[]"], into: &asked.engine) } catch {
      #expect("\(error)" == "line 1 of the rules' state: the line is no state of a rule")
    }
    #expect(lines(asked.engine).isEmpty)
    _ = try asked.received(RuleEngineTests.record("xe-0", "DOWN"))
    let whole = Array(lines(asked.engine)[0])
    for count in 0..<whole.count {
      #expect(throws: RuleStateError.self) {
        try load([String(whole[..<count])], into: &asked.engine)
      }
    }
  }
}
