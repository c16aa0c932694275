import Glibc
import Healthbot
import KafkaProtocol
import TestSupport
import Testing

@testable import HbcatCLI

private let rules = """
  healthbot { topic t {
    rule r { keys k; sensor s { open-config { sensor-name /a; frequency 10s; } }
      field k { sensor s { path k; } } field f { sensor s { path f; } }
      trigger tr {
        term bad { when { greater-than "$f" 1; } then { status { color red; message "f $f"; } } }
        term good { then { status { color green; message fine; } } } } }
    rule odd { sensor s { open-config { sensor-name /a; frequency 10s; } }
      field f { sensor s { path f; } type string; }
      trigger tr { term t { when { matches-with "$f" "("; } then { status { color red; } } } } }
    rule alien { function f { path a.py; method m; } }
  } }
  """

private func loaded(_ text: String = rules) throws -> IngestRules {
  let fixture = CommandLineFixture(files: ["a.rule": text, "b.rule": "rule {"])
  var plan = IngestPlan()
  plan.rules = ["a.rule", "b.rule"]
  return try IngestRules(plan, fixture.surroundings, RulePatterns().searching)
}

private func engine() throws -> RuleEngine {
  try RuleEngine(loaded().rules, group: "g") { (_, _, _) throws(RulePatternError) in false }
}

private func judge(_ engine: inout RuleEngine, _ json: String, at nowMs: Int64) throws -> [Alarm] {
  var alarms: [Alarm] = []
  try Array(json.utf8).withUnsafeBytes {
    try engine.received($0, nowMs: nowMs, alarms: &alarms)
  }
  return alarms
}

@Suite struct IngestStateTests {
  private let folder = Places.temporaryFolder()
  private var plan: IngestPlan {
    var plan = IngestPlan()
    (plan.name, plan.group) = ("n", "g")
    return plan
  }

  @Test func `offsets and what the rules know outlive the process`() throws {
    let file = DurableFile(path: folder + "/state")
    var state = IngestState()
    var first = try engine()
    try state.read(file, plan, into: &first)
    #expect(state.offsets.isEmpty)
    #expect(try judge(&first, #"{"device": "d", "k": 1, "f": 2}"#, at: 1000).count == 1)
    state.offsets = [TopicPartition("a", 0): 7, TopicPartition("a\"b", 3): 0]
    try state.write(first, plan, to: file)
    var read = IngestState()
    var second = try engine()
    try read.read(file, plan, into: &second)
    #expect(read.offsets == state.offsets)
    #expect(read.strayCount == 0)
    #expect(try judge(&second, #"{"device": "d", "k": 1, "f": 2}"#, at: 2000).isEmpty)
    #expect(try judge(&second, #"{"device": "d", "k": 1, "f": 0}"#, at: 3000).count == 1)
  }

  @Test func `a file that is another's, or not whole, is refused`() throws {
    let file = DurableFile(path: folder + "/other")
    var state = IngestState()
    var engine = try engine()
    var other = plan
    other.name = "m"
    try state.write(engine, other, to: file)
    #expect(throws: IngestState.Problem.self) { try state.read(file, plan, into: &engine) }
    for text in [
      "{}\n", "x\n", #"{"ingest": "n", "group": "g", "offsets": [["a", 0]]}"# + "\n",
      #"{"ingest": "n", "group": "g", "offsets": []}"#,
      #"{"ingest": "n", "group": "g", "offsets": []}"# + "\n{}\n",
    ] {
      try file.replace(with: Array(text.utf8))
      #expect(throws: (any Error).self, "\(text)") {
        try state.read(file, plan, into: &engine)
      }
    }
  }

  @Test func `lines of rules that are no longer there are counted`() throws {
    let file = DurableFile(path: folder + "/stray")
    var state = IngestState()
    var engine = try engine()
    _ = try judge(&engine, #"{"device": "d", "k": 1, "f": 2}"#, at: 1000)
    try state.write(engine, plan, to: file)
    var none = try RuleEngine([], group: "g") { (_, _, _) throws(RulePatternError) in false }
    try state.read(file, plan, into: &none)
    #expect(state.strayCount == 1)
  }
}

@Suite struct RulesListTests {
  @Test func `rules that run are listed, and of the others the reason`() throws {
    let text = String(decoding: RulesListRun.text(try loaded()), as: UTF8.self)
    let lines = text.split(separator: "\n")
    #expect(lines.first == "runs\tt\tr")
    #expect(lines.last == "1 rule runs, 3 are refused")
    #expect(lines.contains { $0.hasPrefix("refused\ta.rule:") && $0.contains("rule \"alien\"") })
    #expect(lines.contains { $0.contains("\"odd\", trigger \"tr\": regular expression (: ") })
    #expect(lines.contains { $0.hasPrefix("refused\tb.rule:1:") })
  }

  @Test func `the list is JSON where that is wanted`() throws {
    let text = String(decoding: RulesListRun.json(try loaded()), as: UTF8.self)
    #expect(
      text.hasPrefix(
        #"{"runs":[{"topic":"t","rule":"r","keys":["k"],"triggers":["tr"]}],"refused":[{"file":"a.rule","#
          + #""line":"#))
    #expect(text.contains(#""rule":"alien","reason":"rule \"alien\": "#))
    #expect(text.hasSuffix("\"}]}\n"))
  }
}
