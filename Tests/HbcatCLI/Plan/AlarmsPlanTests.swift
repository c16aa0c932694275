import Healthbot
import Testing

@testable import HbcatCLI

struct AlarmsPlanTests {
  private func alarms(_ words: [Argument], _ variables: [String: String] = [:]) throws -> AlarmsPlan
  {
    let fixture = CommandLineFixture(variables: variables)
    let made = try fixture.plan(["alarms", "-b", "h"] + words)
    guard case .alarms(let plan) = made else {
      throw UsageError.value("no alarms: \(made)")
    }
    return plan
  }

  @Test func `matchers come from words and from options with Healthbot's names`() throws {
    let plan = try alarms([
      "--group", "ptp", "--device", "mx960-1", "--key", "a=b", "lock", "severity!=minor",
      "{device=~\"mx.*\", message=x}", "-t", "t1", "-t", "t2", "--since", "1h30m", "-J",
      "--silenced", "--all",
    ])
    #expect(
      plan.matchers.map(\.description) == [
        "group=\"ptp\"", "device-id=\"mx960-1\"", "keys.a=\"b\"", "rule=\"lock\"",
        "severity!=\"minor\"", "device-id=~\"mx.*\"", "message=\"x\"",
      ])
    #expect(plan.topics == ["t1", "t2"] && plan.sinceMs == 5_400_000 && plan.json && plan.all)
    #expect(plan.showsSilenced && plan.action == .show(.follow))
    #expect(plan.silenceTopic == "hbcat.silences" && plan.timeoutMs == nil)
  }

  @Test func `each way to show has its word`() throws {
    #expect(try alarms(["--group", "g", "-e"]).action == .show(.once))
    #expect(try alarms(["group=g", "--once"]).action == .show(.once))
    let check = try alarms(["--group", "g", "--check"])
    #expect(check.action == .show(.check) && check.timeoutMs == 30_000)
    let wait = try alarms(["--group", "g", "--until-clear", "--timeout", "10m"])
    #expect(wait.action == .show(.untilClear) && wait.timeoutMs == 600_000)
  }

  @Test func `silences are made, listed and ended`() throws {
    let add = try alarms(
      ["silence", "add", "severity=major", "--for", "2h", "--comment", "new fan"],
      ["USER": "anna"])
    #expect(
      add.action == .addSilence(.init(forMs: 7_200_000, author: "anna", comment: "new fan")))
    #expect(add.matchers == [AlarmMatcher("severity", .equal, "major")])
    #expect(try alarms(["silence", "list", "--silence-topic", "s"]).silenceTopic == "s")
    #expect(try alarms(["silence", "expire", "a", "b"]).action == .expireSilences(["a", "b"]))
  }

  @Test func `heartbeat makes an alarm of its options`() throws {
    let topics = try alarms([
      "heartbeat", "--group", "g", "--device", "d", "-t", "t", "--within", "5m", "--key", "a=b",
    ])
    var alarm = Alarm(
      deviceID: "d", group: "g", message: "", rule: "heartbeat", severity: .major,
      topic: "hbcat", trigger: "silent")
    alarm.setKey("a", to: AlarmValue(string: "b"))
    #expect(
      topics.action
        == .heartbeat(.init(alarm: alarm, withinMs: 300_000, watchesTopics: true, once: false)))
    #expect(topics.matchers.isEmpty)
    let devices = try alarms([
      "heartbeat", "--group", "g", "--within", "1m", "--severity", "minor", "device=~mx.*", "-e",
    ])
    guard case .heartbeat(let fields) = devices.action else {
      Issue.record("no heartbeat")
      return
    }
    #expect(!fields.watchesTopics && fields.once && fields.alarm.severity == .minor)
    #expect(devices.matchers.count == 1)
  }

  @Test(arguments: [
    (
      "",
      "which alarms? give --group NAME, to read the topics that begin with \"NAME.\", or -t TOPIC"
    ),
    (
      "--topic t",
      "which alarms? give --group NAME, to read the topics that begin with \"NAME.\", or -t TOPIC"
        + " (--topic is Healthbot's topic)"
    ),
    ("--group g =x", "matcher \"=x\", character 1: expected a name, such as severity or device-id"),
    (
      "--group g rule=~a(",
      "matcher rule=~\"a(\": regular expression a(: missing closing parenthesis at byte 2"
    ),
    ("--group g --once --until-clear", "--once and --until-clear exclude one another"),
    ("--group g --timeout 5m", "--timeout needs --once, --check or --until-clear"),
    ("--group g --until-clear --all", "--all and --until-clear exclude one another"),
    ("--group g --until-clear -J", "--json and --until-clear exclude one another"),
    (
      "--group g --since x", "--since: expected a time such as 500ms, 30s, 10m, 2h or 1d, not \"x\""
    ),
    ("--group g --until-clear --timeout 0", "--timeout: expected a time of more than 0"),
    ("--group g --for 2h", "--for belongs to alarms silence add"),
    ("--group g -k x", "alarms has no -k: --key NAME=VALUE is one of an alarm's keys"),
    ("silence list --once", "--once belongs to alarms, alarms heartbeat"),
    (
      "silence expire a -J", "--json belongs to alarms, alarms silence add, alarms silence list"
    ),
    ("silence", "silence: expected add, list or expire, not \"nothing\""),
    ("silence ad x=y", "silence: expected add, list or expire, not \"ad\"; did you mean 'add'?"),
    ("silence add x=y", "a silence needs --for, such as --for 2h"),
    ("silence add --for 2h", "a silence needs a MATCHER, such as device-id=mx960-1"),
    ("silence expire", "no silence: give its ID (see silence list)"),
    ("heartbeat --group g", "heartbeat needs --within, such as --within 5m"),
    ("heartbeat --within 5m", "heartbeat needs --group, the alarm's group"),
    ("heartbeat --group g --within 5m -t t", "heartbeat -t needs --device, the alarm's device"),
    (
      "heartbeat --group g --within 5m --severity normal",
      "--severity: a source that is silent is major or minor"
    ),
  ])
  func `what cannot be meant is refused`(words: String, text: String) {
    #expect(
      refusal("alarms -b h \(words)") == [
        "% ERROR: \(text) (try 'hbcat alarms --help')", "exit 2",
      ])
  }

  @Test(arguments: ["alarms -b h --check", "alarms --check --group g", "alarms --check --nope"])
  func `a mistake beside --check is unknown to a monitoring script, not a major alarm`(line: String)
  {
    #expect(refusal(line).last == "exit 3")
  }
}
