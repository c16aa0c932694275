import Testing

@testable import Healthbot

private func alarm(_ severity: Alarm.Severity, message: String = "m") -> Alarm {
  var alarm = Alarm(
    deviceID: nil, group: "g", message: message, rule: "r", severity: severity, topic: "t",
    trigger: "x")
  alarm.setKey("port", to: AlarmValue(string: "ge-0/0/0"))
  return alarm
}

private func read(_ line: some Sequence<UInt8>) -> SpoolEntry? {
  Array(line).withUnsafeBytes { SpoolEntry(line: $0) }
}

@Suite struct SpoolEntryTests {
  @Test func `an entry is read as it was written`() {
    let kafka = SpoolEntry(
      .kafka, AlarmBatch(alarm(.major, message: "é\n\"")), topic: "a.b", hasKey: true, timeMs: 17)
    #expect(kafka.line.last == UInt8(ascii: "\n"))
    #expect(kafka.line.dropLast().allSatisfy { (0x20...0x7E).contains($0) })
    #expect(read(kafka.line.dropLast()) == kafka)
    let slack = SpoolEntry(.slack, AlarmBatch(alarm(.normal)), timeMs: 18)
    #expect(read(slack.line.dropLast()) == slack)
  }

  @Test func `a storm that was summed up keeps its counts`() {
    var batch = AlarmBatch(alarm(.major))
    for number in 0..<50 { batch.add(alarm(.minor, message: "\(number)")) }
    let entry = SpoolEntry(.teams, batch, timeMs: 1)
    let again = read(entry.line.dropLast())
    #expect(again == entry)
    #expect(again?.batch.count == 51)
    #expect(again?.batch.kept.count == AlarmBatch.keptMax)
  }

  @Test func `an alarm that is nested as deep as one may be is kept, and one deeper is none`() {
    func line(_ depth: Int) -> [UInt8] {
      let keys = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      return Array(
        ("{\"group\": \"g\", \"keys\": {\"k\": \(keys)}, \"message\": \"m\", \"rule\": \"r\", "
          + "\"severity\": \"major\", \"topic\": \"t\", \"trigger\": \"x\"}").utf8)
    }
    func alarm(of line: [UInt8]) -> Alarm? {
      line.withUnsafeBytes { try? AlarmLine.alarm(in: $0, needsDevice: false) }
    }
    #expect(alarm(of: line(AlarmLine.depthMax - 1)) == nil)
    guard let deepest = alarm(of: line(AlarmLine.depthMax - 2)) else {
      Issue.record("the deepest alarm is not read")
      return
    }
    let entry = SpoolEntry(.webhook, AlarmBatch(deepest), timeMs: 1)
    #expect(read(entry.line.dropLast()) == entry)
    var transitions = Transitions(Transitions.Rules())
    let identity = AlarmIdentity(of: deepest)
    transitions.record(deepest.severity, identity, .send, nowMs: 1)
    var again = Transitions(Transitions.Rules())
    #expect(transitions.lines().withUnsafeBytes { again.apply($0) }.brokenCount == 0)
    #expect(again.severity(of: identity) == .major)
  }

  @Test func `what is no entry is none`() {
    let whole = SpoolEntry(.mail, AlarmBatch(alarm(.major)), timeMs: 1).line.dropLast()
    for count in 0..<whole.count { #expect(read(whole.prefix(count)) == nil, "\(count)") }
    for text in [
      "{\"alarms\": [], \"time\": 1, \"to\": \"slack\"}",
      "{\"alarms\": [{}], \"time\": 1, \"to\": \"slack\"}",
      "{\"alarms\": {}, \"time\": 1, \"to\": \"slack\"}", "[]", "1",
      String(decoding: whole, as: UTF8.self).replacing("\"mail\"", with: "\"kafka\""),
    ] {
      #expect(read(text.utf8) == nil, "\(text)")
    }
    let odd = String(decoding: whole, as: UTF8.self).replacing("\"mail\"", with: "\"fax\"")
    #expect(read(odd.utf8) == nil)
  }
}
