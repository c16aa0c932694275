import Testing

@testable import Healthbot

struct AlarmTableTests {
  @Test func `an alarm is raised, repeated, gets worse and clears`() throws {
    var table = AlarmTable()
    let identity = AlarmIdentity(of: AlarmSamples.alarm())
    #expect(table.apply(AlarmSamples.alarm(.minor), at: AlarmSamples.place(100, 0)) == .raised)
    #expect(table.apply(AlarmSamples.alarm(.minor), at: AlarmSamples.place(200, 1)) == .repeated)
    let worse = AlarmSamples.alarm(.major, message: "worse")
    #expect(table.apply(worse, at: AlarmSamples.place(300, 2)) == .changed)
    var entry = try #require(table[identity])
    #expect(entry.alarm == worse && entry.sinceMs == 100 && entry.changedMs == 300)
    #expect(entry.count == 3 && entry.place.offset == 2 && table.active().count == 1)
    #expect(table.apply(AlarmSamples.alarm(.normal), at: AlarmSamples.place(400, 3)) == .cleared)
    entry = try #require(table[identity])
    #expect(entry.sinceMs == 400 && entry.count == 1 && table.active().isEmpty)
    #expect(table.apply(AlarmSamples.alarm(.normal), at: AlarmSamples.place(500, 4)) == .repeated)
    #expect(table.apply(AlarmSamples.alarm(.major), at: AlarmSamples.place(600, 5)) == .raised)
    #expect(table[identity]?.sinceMs == 600)
  }

  @Test func `a first normal raises nothing`() {
    var table = AlarmTable()
    #expect(table.apply(AlarmSamples.alarm(.normal), at: AlarmSamples.place(1)) == .repeated)
    #expect(table.active().isEmpty && table.count == 1)
  }

  @Test func `across partitions the latest record holds, within one the last`() {
    var table = AlarmTable()
    table.apply(AlarmSamples.alarm(.normal), at: AlarmSamples.place(900, 7, partition: 1))
    #expect(table.apply(AlarmSamples.alarm(.major), at: AlarmSamples.place(500, 3)) == nil)
    #expect(table.active().isEmpty)
    // A clock that went back: the order of the partition counts.
    let place = AlarmSamples.place(800, 8, partition: 1)
    #expect(table.apply(AlarmSamples.alarm(.major), at: place) == .raised)
  }

  @Test func `active alarms come by severity, the latest first`() {
    var table = AlarmTable()
    for (index, severity) in [Alarm.Severity.minor, .major, .minor, .major].enumerated() {
      table.apply(
        AlarmSamples.alarm(severity, rule: "r\(index)"), at: AlarmSamples.place(Int64(index)))
    }
    #expect(table.active().map(\.alarm.rule) == ["r3", "r1", "r2", "r0"])
  }

  @Test func `what is remembered is bounded, and what has cleared goes first`() {
    var table = AlarmTable(countMax: 8)
    for index in 0..<4 {
      table.apply(
        AlarmSamples.alarm(.major, rule: "active\(index)"), at: AlarmSamples.place(Int64(index)))
    }
    for index in 0..<100 {
      table.apply(
        AlarmSamples.alarm(.normal, rule: "n\(index)"), at: AlarmSamples.place(1000 + Int64(index)))
      #expect(table.count <= 8)
    }
    #expect(table.active().count == 4)
  }

  @Test func `the verdict has Nagios's words, numbers and exit codes`() {
    var table = AlarmTable()
    let none = AlarmVerdict(table.active(), silencedCount: 0)
    #expect(none.line == "OK: no alarms | major=0 minor=0 silenced=0" && none.state == .ok)
    table.apply(AlarmSamples.alarm(.minor, rule: "a"), at: AlarmSamples.place(1))
    #expect(AlarmVerdict(table.active(), silencedCount: 0).state == .minor)
    let message = "x | y\nz\u{1b}[2J"
    table.apply(AlarmSamples.alarm(.major, rule: "b", message: message), at: AlarmSamples.place(2))
    let bad = AlarmVerdict(table.active(), silencedCount: 3)
    #expect(bad.state.rawValue == 2)
    #expect(
      bad.line
        == "MAJOR: 1 major, 1 minor, 3 silenced; mx960-1 b: x / y\\u{a}z\\u{1b}[2J"
        + " | major=1 minor=1 silenced=3")
    table.apply(
      AlarmSamples.alarm(.major, rule: "b", message: String(repeating: "x", count: 2000)),
      at: AlarmSamples.place(3, 1))
    #expect(AlarmVerdict(table.active(), silencedCount: 0).line.count < 600)
    let unknown = AlarmVerdict(unknown: "no | broker\n")
    #expect(unknown.line == "UNKNOWN: no / broker\\u{a}" && unknown.state.rawValue == 3)
  }
}
