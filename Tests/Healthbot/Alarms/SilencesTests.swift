import Testing

@testable import Healthbot

struct SilencesTests {
  private func silence(
    _ id: String = "1", _ matchers: String = "severity=major", ends: Int64 = 2000
  ) throws -> Silence {
    Silence(
      id: id, matchers: try AlarmMatcher.list(parsing: matchers), author: "anna",
      comment: "planned \"work\"\n", createdMs: 900, startsMs: 1000, endsMs: ends)
  }

  private func apply(_ silences: inout Silences, _ id: String, _ text: String?) throws {
    try Array(id.utf8).withUnsafeBytes { key in
      guard let text else { return try silences.apply(key: key, value: nil) }
      try Array(text.utf8).withUnsafeBytes { try silences.apply(key: key, value: $0) }
    }
  }

  private func apply(_ silences: inout Silences, _ silence: Silence) throws {
    try apply(&silences, silence.id, String(decoding: silence.bytes, as: UTF8.self))
  }

  @Test func `a silence is read as it was written`() throws {
    let silence = try silence("a", "{device-id=~\"mx\\\\d\",message!=\"a\\n\\\"b\\\"\"}")
    let read = try silence.bytes.withUnsafeBytes { try Silence(parsing: $0) }
    #expect(read == silence)
    #expect(
      String(decoding: try self.silence().bytes, as: UTF8.self)
        == #"{"id": "1", "author": "anna", "comment": "planned \"work\"\n", "matchers": "#
        + #"["severity=\"major\""], "createdAt": 900, "startsAt": 1000, "endsAt": 2000}"#)
  }

  @Test func `an alarm is quiet from the start of a silence to its end`() throws {
    var silences = Silences()
    try apply(&silences, try silence("1", "{severity=major,device=~mx.*}"))
    let search = AlarmSamples.search
    let alarm = AlarmSamples.alarm()
    #expect(!silences.isSilenced(alarm, nowMs: 999, search: search))
    #expect(silences.silence(of: alarm, nowMs: 1000, search: search)?.id == "1")
    #expect(silences.isSilenced(alarm, nowMs: 1999, search: search))
    #expect(!silences.isSilenced(alarm, nowMs: 2000, search: search))
    #expect(!silences.isSilenced(AlarmSamples.alarm(.minor), nowMs: 1500, search: search))
    #expect(
      !silences.isSilenced(AlarmSamples.alarm(device: "qfx"), nowMs: 1500, search: search))
  }

  @Test func `the last record of an id counts, and null takes it away`() throws {
    var silences = Silences()
    try apply(&silences, try silence("1"))
    try apply(&silences, try silence("1", ends: 5000))
    try apply(&silences, try silence("2", ends: 3000))
    #expect(silences.all.map(\.id) == ["2", "1"] && silences["1"]?.endsMs == 5000)
    try apply(&silences, "1", nil)
    #expect(silences["1"] == nil && !silences.isEmpty)
    #expect(silences.outdated(atMs: 3000 + Silences.retentionMs).isEmpty)
    #expect(silences.outdated(atMs: 3001 + Silences.retentionMs) == ["2"])
  }

  @Test(arguments: [
    "", "[]", "{\"id\": \"1\"}",
    "{\"id\": \"1\", \"matchers\": [], \"startsAt\": 1, \"endsAt\": 2}",
    "{\"id\": \"2\", \"matchers\": [\"a=b\"], \"startsAt\": 1, \"endsAt\": 2}",
    "{\"id\": \"1\", \"matchers\": [\"=b\"], \"startsAt\": 1, \"endsAt\": 2}",
    "{\"id\": \"1\", \"matchers\": [\"a=b\"], \"startsAt\": 1, \"endsAt\": 2} x",
    "{\"id\": \"1\", \"x\": {\"matchers\": [\"a=b\"]}, \"startsAt\": 1, \"endsAt\": 2}",
    "{\"id\": \"1\", \"matchers\": ["
      + Array(repeating: "\"a=b\"", count: 65).joined(separator: ",")
      + "], \"startsAt\": 1, \"endsAt\": 2}",
  ])
  func `what is no silence keeps nothing quiet`(text: String) throws {
    var silences = Silences()
    try apply(&silences, try silence("1"))
    #expect(throws: SilenceError.self) { try apply(&silences, "1", text) }
    #expect(silences.isEmpty)
  }

  @Test func `silences are bounded, and the one that ends first is forgotten`() throws {
    var silences = Silences(countMax: 3)
    for index in 0..<10 { try apply(&silences, try silence("\(index)", ends: Int64(index))) }
    #expect(silences.all.map(\.id) == ["7", "8", "9"])
  }

  @Test func `an expression that cannot be judged keeps nothing quiet`() throws {
    var silences = Silences()
    try apply(&silences, try silence("1", "rule=~\"(\""))
    #expect(
      !silences.isSilenced(AlarmSamples.alarm(), nowMs: 1500, search: AlarmSamples.search))
  }
}
