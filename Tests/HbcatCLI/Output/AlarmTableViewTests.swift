import Testing

@testable import HbcatCLI
@testable import Healthbot

/// Alarms of the tests beside this one.
enum AlarmRows {
  static func entry(
    _ severity: Alarm.Severity, _ rule: String, message: String, sinceMs: Int64,
    keys: [(String, String)] = []
  ) -> AlarmTable.Entry {
    var alarm = Alarm(
      deviceID: "mx960-1", group: "ptp", message: message, rule: rule, severity: severity,
      topic: "protocol.ptp", trigger: "status")
    for (name, value) in keys { alarm.setKey(name, to: AlarmValue(string: value)) }
    return AlarmTable.Entry(
      alarm: alarm, sinceMs: sinceMs, changedMs: sinceMs + 1, count: 2,
      place: .init(topic: "t", partition: 3, offset: 4, timestampMs: sinceMs + 2))
  }
}

struct AlarmTableViewTests {
  private let rows = [
    AlarmTableView.Row(
      entry: AlarmRows.entry(
        .major, "lock", message: "Slave Clock is not Phase Aligned with the Master Clock - 2",
        sinceMs: 0, keys: [("_instance_id", "ptp")])),
    AlarmTableView.Row(
      entry: AlarmRows.entry(.minor, "fan", message: "slow", sinceMs: 3_590_000), isSilenced: true),
  ]

  private func lines(_ width: Int?, rowsMax: Int = .max) -> [String] {
    AlarmTableView(rows, nowMs: 3_600_000).lines(width: width, rowsMax: rowsMax)
  }

  @Test func `without a width nothing is cut`() {
    #expect(
      lines(nil) == [
        "SEVERITY        SINCE  DEVICE   GROUP  RULE  TRIGGER  KEYS              MESSAGE",
        "major           1h     mx960-1  ptp    lock  status   _instance_id=ptp  "
          + "Slave Clock is not Phase Aligned with the Master Clock - 2",
        "minor silenced  10s    mx960-1  ptp    fan   status                     slow",
      ])
  }

  @Test(arguments: [200, 120, 100, 80, 60, 40, 20, 10, 3, 1])
  func `no line is wider than the terminal, and the message gives way last`(width: Int) {
    let lines = lines(width)
    #expect(lines.count == 3)
    for line in lines { #expect(DisplayText.width(line) <= width, "\(line)") }
    if width >= 60 { #expect(lines[0].contains("MESSAGE") && lines[0].contains("DEVICE")) }
    if width == 80 {
      #expect(!lines[0].contains("KEYS") && lines[1].hasSuffix("…"))
    }
  }

  @Test func `what does not fit below is counted`() {
    #expect(lines(80, rowsMax: 1).last == "… 2 more")
    #expect(lines(80, rowsMax: 2).count == 3)
    #expect(AlarmTableView([], nowMs: 0).lines(width: 80).isEmpty)
  }

  @Test func `S43: what steers a terminal is written out in every column`() {
    let evil = "\u{1b}[2J\r\n\u{9b}31m\u{202e}x\u{7}"
    var entry = AlarmRows.entry(.major, evil, message: evil, sinceMs: 0, keys: [(evil, evil)])
    entry.alarm.deviceID = evil
    entry.alarm.group = evil
    entry.alarm.trigger = evil
    let view = AlarmTableView([.init(entry: entry)], nowMs: 0)
    let text = AlarmLines.text(entry, atMs: 0, silencedBy: nil, hasColour: false)
    for line in view.lines() + [text] {
      for scalar in line.unicodeScalars {
        #expect(scalar.value >= 0x20 || scalar == "\t")
        #expect(!(0x7f..<0xa0).contains(scalar.value) && scalar != "\u{202e}")
      }
    }
    #expect(text.split(separator: "\t").count == 6)
  }

  @Test func `severities have colours where they are wanted`() {
    let lines = AlarmTableView(rows, nowMs: 0, hasColour: true).lines(width: 80)
    #expect(lines[1].hasPrefix("\u{1b}[31mmajor") && lines[1].hasSuffix("\u{1b}[0m"))
    #expect(lines[2].hasPrefix("\u{1b}[2mminor"))
  }

  @Test(arguments: [
    ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"),
    ("日本語", 4, "日…"), ("e\u{301}e\u{301}", 2, "e\u{301}e\u{301}"), ("ab", 1, "…"),
    ("ab", 0, ""),
  ])
  func `wide letters take two columns and marks none`(text: String, width: Int, cut: String) {
    #expect(DisplayText.cut(text, to: width) == cut)
    #expect(DisplayText.width(DisplayText.fitted(text, to: width)) == width)
  }

  @Test func `the JSON of an alarm is what the man page says`() {
    var entry = AlarmRows.entry(.minor, "fan", message: "ü\u{1b}", sinceMs: 7, keys: [("k", "v")])
    entry.alarm.setOtherField("site", to: AlarmValue(string: "zrh"))
    entry.alarm.deviceID = nil
    #expect(
      String(
        decoding: AlarmLines.json(entry, event: "raised", silencedBy: nil), as: UTF8.self)
        == #"{"event": "raised", "device-id": null, "group": "ptp", "keys": {"k": "v"}, "#
        + #""message": "\u00fc\u001b", "rule": "fan", "severity": "minor", "topic": "#
        + #""protocol.ptp", "trigger": "status", "fields": {"site": "zrh"}, "since": 7, "#
        + #""changed": 8, "count": 2, "silenced": null, "kafka": {"topic": "t", "partition": 3, "#
        + #""offset": 4, "timestamp": 9}}"#)
  }
}
