import Healthbot
import Testing

/// The line of issue 5, byte for byte.
let goldenLine =
  #"{"device-id": "mx960-1", "group": "ptp", "keys": {"_instance_id": "[\"ptp-test\"]", "#
  + #""_playbook_name": "ptp-playbook"}, "message": "Slave Clock is not Phase Aligned with the "#
  + #"Master Clock - 2", "rule": "ptp-lock-status", "severity": "major", "#
  + #""topic": "protocol.ptp", "trigger": "ptp-lock-status"}"#

func ptpAlarm() -> Alarm {
  Alarm(
    deviceID: "mx960-1", group: "ptp",
    message: "Slave Clock is not Phase Aligned with the Master Clock - 2", rule: "ptp-lock-status",
    severity: .major, topic: "protocol.ptp", trigger: "ptp-lock-status")
}

func line(_ alarm: Alarm) -> String { String(decoding: AlarmLine.bytes(of: alarm), as: UTF8.self) }

func read(_ text: String, line: Int = 1) throws(AlarmError) -> Alarm {
  let result = Array(text.utf8).withUnsafeBytes { bytes in
    Result { () throws(AlarmError) -> Alarm in try AlarmLine.alarm(in: bytes, line: line) }
  }
  return try result.get()
}

private func failure(_ text: String, line: Int = 1) -> String {
  do throws(AlarmError) { return "read: \(try read(text, line: line))" } catch {
    return error.description
  }
}

@Suite struct AlarmLineTests {
  @Test func `the alarm line is Healthbot's byte for byte`() {
    var alarm = ptpAlarm()
    alarm.setKey("_playbook_name", to: AlarmValue(string: "ptp-playbook"))
    alarm.setKey("_instance_id", to: AlarmValue(string: "[\"ptp-test\"]"))
    #expect(line(alarm) == goldenLine)
  }

  @Test func `an alarm without keys has an empty object`() {
    #expect(line(ptpAlarm()).contains(#""group": "ptp", "keys": {}, "message""#))
  }

  @Test func `a line that is read and written is the same line`() throws {
    #expect(line(try read(goldenLine)) == goldenLine)
  }

  @Test func `fields and keys may come in any order and spacing`() throws {
    let text =
      #"{"trigger":"ptp-lock-status" ,"topic":"protocol.ptp","severity":"major","#
      + #""rule":"ptp-lock-status","message":"Slave Clock is not Phase Aligned with the Master "#
      + #"Clock - 2","keys":{"_playbook_name":"ptp-playbook","_instance_id":"[\u0022ptp-test\"]"},"#
      + #""group":"ptp","device\u002did":"mx960-1"}"#
    #expect(line(try read(text)) == goldenLine)
  }

  @Test func `further fields are kept and stand where their names sort`() throws {
    let text = goldenLine.dropLast() + #", "zone": {"b":1,"a":[2.50]}, "action":null, "Id": -0}"#
    let written = line(try read(String(text)))
    #expect(written.hasPrefix(#"{"Id": -0, "action": null, "device-id": "mx960-1", "#))
    #expect(written.hasSuffix(#""trigger": "ptp-lock-status", "zone": {"a": [2.50], "b": 1}}"#))
  }

  @Test func `keys keep any value, nested ones sorted at every depth`() throws {
    let text = goldenLine.replacing(
      #""_playbook_name": "ptp-playbook""#,
      with: #""n":1e5,"é":{"z":[{"b":true,"a":null}],"a":"ü"}"#)
    #expect(
      line(try read(text)).contains(
        #""keys": {"_instance_id": "[\"ptp-test\"]", "n": 1e5, "#
          + #""\u00e9": {"a": "\u00fc", "z": [{"a": null, "b": true}]}}, "message""#))
  }

  @Test func `two spellings of a letter are two keys`() throws {
    var alarm = ptpAlarm()
    let areNew = ["\u{E9}", "e\u{301}", "\u{E9}"].enumerated().map { (i, name) in
      alarm.setKey(name, to: AlarmValue(string: "\(i + 1)"))
    }
    #expect(areNew == [true, true, false])
    #expect(line(alarm).contains(#""keys": {"e\u0301": "2", "\u00e9": "3"}"#))
    #expect(try read(line(alarm)).keys.count == 2)
  }

  @Test(arguments: [1, 8, 9, 200])
  func `the same name twice is found among few keys and among many`(_ count: Int) {
    let keys = (0..<count).map { "\"k\($0)\": 1" }.joined(separator: ", ")
    for name in ["k0", "k\(count - 1)"] {
      #expect(
        failure("{\"keys\": {\(keys), \"\(name)\": 2}}").hasSuffix(
          "the name \"\(name)\" is there twice"))
      #expect(
        failure("{\(keys), \"\(name)\": 2}").hasSuffix("the name \"\(name)\" is there twice"))
    }
    #expect(failure("{\"keys\": {\(keys), \"x\": 2}}").contains("are missing"))
  }

  @Test func `a further field cannot take the name of one of the eight`() {
    var alarm = ptpAlarm()
    let isSet = alarm.setOtherField("severity", to: AlarmValue(string: "bad"))
    #expect(!isSet)
    #expect(line(alarm).contains(#""severity": "major""#))
  }

  @Test func `an alarm of a network group may be without a device`() throws {
    let text = goldenLine.replacing(#""device-id": "mx960-1", "#, with: "")
    let read = Array(text.utf8).withUnsafeBytes { bytes in
      Result { () throws(AlarmError) in try AlarmLine.alarm(in: bytes, needsDevice: false) }
    }
    let alarm = try read.get()
    #expect(alarm.deviceID == nil)
    #expect(line(alarm) == text)
    #expect(
      try TopicName(for: alarm).description == "ptp.protocol.ptp.ptp-lock-status.ptp-lock-status")
    #expect(failure(text).hasSuffix("field \"device-id\" is missing"))
    #expect(failure(text.replacing("ptp-playbook", with: "") + "}").contains("'}'"))
  }

  @Test func `further fields sort by code point, not by UTF-16 and not by letter`() throws {
    // U+FF5E sorts before U+1F514 by code point, behind it by UTF-16.
    let text = goldenLine.dropLast() + #", "\ud83d\udd14": "\ud83d\udd14 \/", "～": 1, "e": 2}"#
    let written = line(try read(String(text)))
    #expect(written.contains(#""device-id": "mx960-1", "e": 2, "group""#))
    #expect(written.hasSuffix(#""\uff5e": 1, "\ud83d\udd14": "\ud83d\udd14 /"}"#))
  }

  @Test func `a missing field is named`() {
    #expect(
      failure(goldenLine.replacing(#""rule": "ptp-lock-status", "#, with: ""), line: 3)
        == "line 3, column 267: field \"rule\" is missing")
    #expect(
      failure("{\"keys\": {}, \"severity\": \"minor\"}").hasSuffix(
        "fields \"device-id\", \"group\", \"message\", \"rule\", \"topic\", \"trigger\" are missing"
      ))
  }

  @Test(arguments: [
    ("[1]", "line 7, column 1: an alarm is a JSON object, not an array"),
    ("", "line 7, column 1: the text ends where a value must follow"),
    ("hello", "line 7, column 1: expected a value, not 'h'"),
    (#"{"group": 5}"#, #"line 7, column 11: field "group" must be a string, not a number"#),
    (#"{"keys": []}"#, #"line 7, column 10: field "keys" must be an object, not an array"#),
    (#"{"rule": null}"#, #"line 7, column 10: field "rule" must be a string, not null"#),
    (
      #"{"severity": "Major"}"#,
      #"line 7, column 14: field "severity": "Major" is no severity; use major, minor or normal"#
    ),
    (#"{"rule": "a", "rule": "a"}"#, #"line 7, column 15: the name "rule" is there twice"#),
    (#"{"x": 1, "\u0078": 1}"#, #"line 7, column 10: the name "x" is there twice"#),
    (#"{"keys": {"a": 1, "a": 1}}"#, #"line 7, column 19: the name "a" is there twice"#),
    (#"{"keys": {"k": {"b": 1, "b": 1}}}"#, #"line 7, column 25: the name "b" is there twice"#),
  ])
  func `what is not an alarm is an error with line, column and field`(
    _ text: String, _ error: String
  ) {
    #expect(failure(text, line: 7) == error)
  }

  @Test func `garbage behind the alarm is an error`() {
    #expect(failure(goldenLine + "}").hasSuffix("'}' behind the value; one text is one value"))
  }

  @Test func `error texts show hostile values harmlessly`() {
    #expect(
      failure(#"{"severity": "\u001b[2J\u202eevil"}"#).contains(#""\u{1b}[2J\u{202e}evil""#))
  }

  @Test func `every prefix is an error and no flipped byte is a trap`() {
    let bytes = Array(goldenLine.utf8)
    for count in 0..<bytes.count {
      #expect(throws: AlarmError.self) {
        try read(String(decoding: bytes[..<count], as: UTF8.self))
      }
    }
    for at in bytes.indices {
      var flipped = bytes
      flipped[at] ^= UInt8(1 << (at % 8))
      flipped.withUnsafeBytes { bytes in
        if let alarm = try? AlarmLine.alarm(in: bytes) { _ = AlarmLine.bytes(of: alarm) }
      }
    }
  }

  @Test func `a value given as JSON is checked`() throws {
    #expect(try AlarmValue(parsing: #" {"b":1,"a":"é"} "#).json == #"{"a": "\u00e9", "b": 1}"#)
    for text in ["", "{", "1 2", "nul", #"{"a":1,"a":2}"#] {
      #expect((try? AlarmValue(parsing: text)) == nil)
    }
  }
}
