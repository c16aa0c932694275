import Healthbot
import Testing

private func alarm(_ severity: Alarm.Severity, device: String = "d") -> Alarm {
  Alarm(
    deviceID: device, group: "g", message: "m", rule: "r", severity: severity, topic: "t",
    trigger: "x")
}

/// A state that a test's expectations may change.
private final class Keeper {
  private(set) var state: Transitions

  init(_ rules: Transitions.Rules, countMax: Int = Transitions.countMaxDefault) {
    state = Transitions(rules, countMax: countMax)
  }

  var count: Int { state.count }
  func lines() -> [UInt8] { state.lines() }
  func line(_ alarm: Alarm) -> [UInt8] { state.line(for: AlarmIdentity(of: alarm)) ?? [] }
  func apply(_ bytes: [UInt8]) -> Transitions.Reading { bytes.withUnsafeBytes { state.apply($0) } }

  /// Decides and remembers.
  func take(
    _ severity: Alarm.Severity, device: String = "d", at nowMs: Int64 = 0, suppresses: Bool = true
  ) -> Transitions.Decision {
    let alarm = alarm(severity, device: device)
    let identity = AlarmIdentity(of: alarm)
    let decision = state.decide(
      severity, identity, suppressesInitialNormal: suppresses, nowMs: nowMs)
    state.record(severity, identity, decision, nowMs: nowMs)
    return decision
  }
}

private func rules(_ repeatIntervalMs: Int64? = nil) -> Transitions.Rules {
  var rules = Transitions.Rules()
  rules.onlyChanges = true
  rules.repeatIntervalMs = repeatIntervalMs
  return rules
}

@Suite struct TransitionsTests {
  @Test func `only the first normal of an alarm is held, and a clear is not`() {
    let state = Keeper(Transitions.Rules())
    #expect(state.take(.normal) == .holdInitialNormal)
    #expect(state.take(.major) == .send)
    #expect(state.take(.major) == .send)
    #expect(state.take(.normal) == .send)
    #expect(state.take(.normal, device: "e", suppresses: false) == .send)
  }

  @Test func `with transitions only changes of severity are sent`() {
    let state = Keeper(rules())
    #expect(state.take(.major) == .send)
    #expect(state.take(.major) == .holdUnchanged)
    #expect(state.take(.minor) == .send)
    #expect(state.take(.normal) == .send)
    #expect(state.take(.normal) == .holdUnchanged)
    #expect(state.take(.major, device: "e") == .send)
    #expect(state.count == 2)
  }

  @Test func `an alarm that lasts is sent again after the interval, a normal is not`() {
    let state = Keeper(rules(1000))
    #expect(state.take(.major, at: 5000) == .send)
    #expect(state.take(.major, at: 5999) == .holdUnchanged)
    #expect(state.take(.major, at: 6000) == .remind)
    #expect(state.take(.major, at: 6999) == .holdUnchanged)
    #expect(state.take(.normal, at: 7000) == .send)
    #expect(state.take(.normal, at: 99000) == .holdUnchanged)
  }

  @Test func `a clock that was wrong does not silence an alarm`() {
    let state = Keeper(rules(1000))
    #expect(state.take(.major, at: .max) == .send)
    #expect(state.take(.major, at: 5000) == .remind)
    #expect(state.take(.major, at: .min) == .remind)
  }

  @Test
  func `nothing is remembered before it is recorded, so that a failed delivery is news again`() {
    var state = Transitions(rules())
    let major = alarm(.major)
    let identity = AlarmIdentity(of: major)
    for _ in 0..<2 {
      #expect(
        state.decide(.major, identity, suppressesInitialNormal: true, nowMs: 0) == .send)
    }
    let isNews = state.record(.major, identity, .send, nowMs: 0)
    let isNewsAgain = state.record(.major, identity, .holdUnchanged, nowMs: 9)
    #expect(isNews && !isNewsAgain)
    #expect(state.severity(of: identity) == .major)
  }

  @Test func `a state that is written and read decides alike`() throws {
    let state = Keeper(rules(1000))
    _ = state.take(.major, at: 5000)
    _ = state.take(.normal, device: "é\n", at: 6000)
    let copy = Keeper(rules(1000))
    let reading = copy.apply(state.lines())
    #expect(reading.takenCount == 2 && reading.brokenCount == 0 && reading.tornByteCount == 0)
    #expect(copy.lines() == state.lines())
    #expect(copy.take(.major, at: 5500) == .holdUnchanged)
    #expect(copy.take(.normal, device: "é\n", at: 5500) == .holdUnchanged)
    let line = state.line(alarm(.major))
    #expect(
      String(decoding: line, as: UTF8.self)
        == #"{"alarm": {"device-id": "d", "group": "g", "keys": {}, "rule": "r", "topic": "t", "#
        + #""trigger": "x"}, "changed": 5000, "sent": 5000, "severity": "major"}"# + "\n")
  }

  @Test func `the last line of an alarm holds, whoever wrote it`() {
    let first = Keeper(rules())
    let second = Keeper(rules())
    _ = first.take(.major)
    var file = first.lines()
    _ = second.apply(file)
    #expect(second.take(.normal) == .send)
    file = second.lines()
    _ = first.apply(file)
    #expect(first.take(.normal) == .holdUnchanged)
  }

  @Test func `a line that a kill cut off is not taken, wherever it was cut`() {
    let state = Keeper(rules())
    _ = state.take(.major)
    let kept = state.lines()
    _ = state.take(.minor, device: "e")
    let torn = state.line(alarm(.minor, device: "e"))
    for cut in 0..<torn.count {
      let copy = Keeper(rules())
      let reading = copy.apply(kept + torn[..<cut])
      #expect(reading.takenCount == 1 && reading.tornByteCount == cut)
      // The next writer begins a line of its own; the cut one is then a broken line.
      let mended = Keeper(rules())
      let all = mended.apply(kept + torn[..<cut] + (cut > 0 ? [0x0A] : []) + torn)
      let isWhole = cut == torn.count - 1
      #expect(all.takenCount == (isWhole ? 3 : 2), "cut at \(cut)")
      #expect(all.brokenCount == (isWhole || cut == 0 ? 0 : 1), "cut at \(cut)")
      #expect(mended.count == 2)
    }
  }

  @Test func `lines that are no states are counted and nothing more`() {
    let text = """
      hello
      []
      {"alarm": {}, "changed": 1}
      {"alarm": 5, "changed": 1, "severity": "major"}
      {"alarm": {}, "changed": -1, "severity": "major"}
      {"alarm": {}, "changed": 99999999999999999, "severity": "major"}
      {"alarm": {}, "changed": 1, "severity": "Major"}
      {"alarm": {}, "changed": {"severity": "major"}, "severity": "major"}
      {"alarm": {"a": 1, "a": 2}, "changed": 1, "severity": "major"}
      {"alarm": {}, "changed": 1, "severity": "major"} x

      {"alarm": {}, "changed": 1, "severity": "major", "later": [1, {"a": 2}]}

      """
    let state = Keeper(rules())
    let reading = state.apply(Array(text.utf8))
    #expect(reading.takenCount == 1)
    #expect(reading.brokenCount == 10)
  }

  @Test func `no flipped byte of a state file is a trap`() {
    let state = Keeper(rules())
    for i in 0..<3 { _ = state.take(.major, device: "d\(i)", at: 1_700_000_000_000) }
    let bytes = state.lines()
    for at in bytes.indices {
      var flipped = bytes
      flipped[at] ^= UInt8(1 << (at % 8))
      let copy = Keeper(rules())
      let reading = copy.apply(flipped)
      #expect(reading.takenCount >= 1 && copy.count <= 3)
    }
  }

  @Test func `the number of alarms remembered is bounded, normal ones go first`() {
    let state = Keeper(rules(), countMax: 8)
    for i in 0..<8 { _ = state.take(i % 2 == 0 ? .major : .minor, device: "d\(i)", at: Int64(i)) }
    _ = state.take(.normal, device: "d7", at: 10)
    _ = state.take(.major, device: "new", at: 11)
    #expect(state.count == 7)
    #expect(state.take(.major, device: "new", at: 12) == .holdUnchanged)
    #expect(state.take(.minor, device: "d1", at: 12) == .holdUnchanged)
    #expect(state.take(.major, device: "d0", at: 12) == .send)
    #expect(state.take(.normal, device: "d7", at: 12) == .holdInitialNormal)
  }
}
