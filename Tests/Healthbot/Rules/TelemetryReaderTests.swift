import Testing

@testable import Healthbot

/// What a record says about the paths `a`, `b/c`, `i/n/state/x` and `i/n/@name`.
private func read(_ json: String) throws -> String {
  let paths = ["a", "b/c", "i/n/state/x", "i/n/@name"]
  var slots: [[UInt8]: Int] = [:]
  for (index, path) in paths.enumerated() { slots[Array(path.utf8)] = index }
  var reader = TelemetryReader(slots: slots)
  return try Array(json.utf8).withUnsafeBytes { text in
    try TelemetryReader.records(in: text).map { record in
      try reader.read(record)
      var words = [reader.device ?? "-", reader.timestampMs.map { "\($0)" } ?? "-"]
      for slot in reader.touched.sorted() {
        words.append("\(paths[slot])=\(reader.values[slot]?.text ?? "?")")
      }
      return words.joined(separator: " ")
    }.joined(separator: "; ")
  }
}

@Suite struct TelemetryReaderTests {
  @Test func `names down to a value are its path`() throws {
    #expect(try read(#"{"a": 1, "b": {"c": "x", "d": {"c": 2}}, "c": 3}"#) == "- - a=1 b/c=x")
    #expect(
      try read(#"{"i": {"n": {"state": {"x": 1.5}, "@name": true}}}"#)
        == "- - i/n/state/x=1.5 i/n/@name=true")
    #expect(try read(#"{"/i/n/state/x": 1, "z": {"/b/c/": 2}}"#) == "- - b/c=2 i/n/state/x=1")
    #expect(try read(#"{"\u0061": 1, "b\/c": 2}"#) == "- - a=1 b/c=2")
    #expect(try read(#"{"a": null, "b": [{"c": 1}], "b/c": {}}"#) == "- -")
  }

  @Test func `path is put before names, and its conditions are the keys of lists`() throws {
    #expect(
      try read(#"{"state": {"x": 7}, "path": "/i/n[name='xe-0/0/1']/"}"#)
        == "- - i/n/state/x=7 i/n/@name=xe-0/0/1")
    #expect(try read(#"{"path": "/i/n", "a": 1, "/b/c": 2}"#) == "- - a=1 b/c=2")
    #expect(
      try read(#"{"/i/n[name=\"q]\"]/state/x": 7}"#) == "- - i/n/state/x=7 i/n/@name=q]")
    #expect(try read(#"{"i/n[name=5]/state/x": 7}"#) == "- - i/n/state/x=7 i/n/@name=5")
    for broken in ["i/n[", "i/n[name", "i/n[name='x", "i/n[name=x", "[=]", "i/n]["] {
      _ = try read(#"{"\#(broken)": 1, "path": "\#(broken)"}"#)
    }
  }

  @Test func `Telegraf's and gNMIc's records are understood`() throws {
    #expect(
      try read(
        #"{"name": "m", "tags": {"device": "mx1", "b/c": "t"}, "fields": {"a": 1}, "timestamp": 1700000000}"#
      )
        == "mx1 1700000000000 a=1 b/c=t")
    #expect(
      try read(
        #"[{"name": "s", "timestamp": 1700000000000000000, "tags": {"source": "mx1"}, "values": {"/b/c": 2}}]"#
      )
        == "mx1 1700000000000 b/c=2")
  }

  @Test func `the device is the first of the names, wherever it stands`() throws {
    #expect(try read(#"{"host": "h", "device": "d", "tags": {"device-id": "i"}}"#) == "i -")
    #expect(try read(#"{"system_id": "s", "source": "x"}"#) == "s -")
    #expect(try read(#"{"device": 5, "host": ""}"#) == "- -")
    #expect(
      try read(#"{"b": {"device": "no"}, "device": ["x"], "tags": [{"device": "no"}]}"#) == "- -")
  }

  @Test func `times come in seconds, milliseconds, microseconds or nanoseconds`() throws {
    for time in ["1700000000", "1700000000000", "1.7e15", "1700000000000000000", #""1700000000""#] {
      #expect(try read(#"{"timestamp": \#(time)}"#) == "- 1700000000000")
      #expect(try read(#"{"time": \#(time)}"#) == "- 1700000000000")
    }
    for time in ["-5", "0", "null", "1e400", #""today""#, "[1]", "{}"] {
      #expect(try read(#"{"timestamp": \#(time)}"#) == "- -")
    }
    #expect(try read(#"{"timestamp": 1e300}"#) == "- -")
  }

  @Test func `what is no record is refused with its place, whole`() {
    func failure(_ json: String) -> String {
      do { return "accepted: \(try read(json))" } catch { return "\(error)" }
    }
    #expect(
      failure("5") == "line 1, column 1: a record of telemetry is a JSON object, or a list of them")
    #expect(failure("[{}, 5]").hasPrefix("line 1, column 6: a record of telemetry"))
    #expect(failure("[{}, []]").hasPrefix("line 1, column 6: "))
    #expect(failure("").contains("the text ends"))
    #expect(failure(#"{"a": 1"#).contains("the text ends"))
    #expect(failure(#"{"a": 1} x"#).contains("behind the value"))
    #expect(failure("[{}").contains("the text ends"))
    #expect(failure(String(repeating: #"{"a":"#, count: 100_000)).contains("more than 64"))
    #expect(failure("[]") == "accepted: ")
  }

  @Test func `a record with any byte broken is judged or refused, and the engine goes on`() throws {
    var asked = try Asked(RuleEngineTests.link)
    let whole = Array(
      #"[{"device": "a", "name": 1, "path": "/interfaces/interface[name='xe']", "time": 17, "oper": "DOWN"}]"#
        .utf8)
    for place in whole.indices {
      for byte in [UInt8(0), 0x22, 0x27, 0x2F, 0x5B, 0x5D, 0x7B, 0x7D, 0xFF] {
        var broken = whole
        broken[place] = byte
        var alarms: [Alarm] = []
        broken.withUnsafeBytes { text in
          _ = Result { try asked.engine.received(text, nowMs: 0, alarms: &alarms) }
        }
      }
      #expect(throws: TelemetryError.self) {
        try asked.received(String(decoding: whole[..<place], as: UTF8.self))
      }
    }
    let after = #"{"device": "z", "name": "q", "/interfaces/interface/@name": "q", "oper": "DOWN"}"#
    #expect(try asked.received(after).count == 1)
  }

  @Test func `long texts are cut, so that state stays small`() throws {
    let long = String(repeating: "ä", count: 10_000)
    #expect(try read(#"{"a": "\#(long)"}"#).utf8.count < 4200)
  }

  @Test func `a record without a device needs the caller's, and one no rule asks for is counted`()
    throws
  {
    var asked = try Asked(when(#"equal-to "$f" 1;"#))
    #expect(throws: TelemetryError.self) { try asked.received(#"{"f": 1}"#, device: nil) }
    #expect(throws: TelemetryError.self) { try asked.received(#"{"f": 1}"#, device: "") }
    #expect(try asked.received(#"{"h": 1}"#, device: nil).isEmpty)
    #expect(asked.engine.unusedCount == 1)
    #expect(
      try asked.received(#"{"f": 1, "device": "a"}"#, device: "b") == ["a tr major f is 1"])
  }
}
