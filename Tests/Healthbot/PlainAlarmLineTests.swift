import Healthbot
import Testing

private func line(of alarm: Alarm) -> [UInt8] { AlarmLine.bytes(of: alarm) }

private func topic(_ line: some Sequence<UInt8>) -> String? {
  Array(line).withUnsafeBytes { line in
    guard let plain = PlainAlarmLine(line) else { return nil }
    var name: [UInt8] = []
    return plain.topicName(into: &name) ? String(decoding: name, as: UTF8.self) : "too long"
  }
}

private func alarm(message: String = "m", keys: [(String, String)] = []) -> Alarm {
  var alarm = Alarm(
    deviceID: "mx960-1", group: "ptp", message: message, rule: "lock", severity: .minor,
    topic: "protocol.ptp", trigger: "x_1")
  for (name, value) in keys { alarm.setKey(name, to: AlarmValue(string: value)) }
  return alarm
}

@Suite struct PlainAlarmLineTests {
  @Test(arguments: [
    alarm(), alarm(message: ""), alarm(message: "say \"no\" \\ \n\r\t\u{8}\u{c} ~"),
    alarm(keys: [("b", "2"), ("a", "1"), ("", "")]),
    alarm(keys: [("_instance_id", "[\"ptp-test\"]"), ("B", "}"), ("a b", ": \"")]),
  ])
  func `a line as it is written is plain, and its topic is the alarm's`(_ alarm: Alarm) throws {
    let line = line(of: alarm)
    #expect(topic(line) == (try TopicName(for: alarm)).description)
    line.withUnsafeBytes { line in
      let plain = PlainAlarmLine(line)
      #expect(plain?.severity == .minor)
      #expect(plain?.groupName == "ptp")
      #expect(plain?.identity == AlarmIdentity(of: alarm))
    }
  }

  @Test func `a plain line is what reading and writing it gives`() throws {
    let lines = [
      "{\"device-id\": \"d\", \"group\": \"g\", \"keys\": {\"a\": \"1\", \"b\": \"2\"}, \"message\": \"\", "
        + "\"rule\": \"r\", \"severity\": \"major\", \"topic\": \"t\", \"trigger\": \"x\"}"
    ]
    // Each single change of a byte: where the line is plain still, it is its own alarm's line.
    for text in lines {
      let whole = Array(text.utf8)
      for place in whole.indices {
        for byte in Array("\"\\ {}:,aZ09.é\n\u{7f}".utf8) + [0, 255] {
          var changed = whole
          changed[place] = byte
          guard topic(changed) != nil else { continue }
          let again = try changed.withUnsafeBytes { try AlarmLine.alarm(in: $0) }
          #expect(line(of: again) == changed, "\(String(decoding: changed, as: UTF8.self))")
        }
        #expect(topic(whole.prefix(place)) == nil)
      }
    }
  }

  @Test func `what is more than plain is left to the reader`() {
    var other = alarm()
    other.setOtherField("zone", to: AlarmValue(string: "z"))
    var nested = alarm()
    nested.setKey("n", to: AlarmValue(string: "x"))
    var noDevice = alarm()
    noDevice.deviceID = nil
    var slash = alarm()
    slash.group = "a/b"
    for alarm in [other, noDevice, slash, alarm(message: "é"), alarm(message: "\u{1}")] {
      #expect(topic(line(of: alarm)) == nil)
    }
    let text = String(decoding: line(of: nested), as: UTF8.self)
    for (old, new) in [
      ("\"x\"", "1"), ("{\"n\": \"x\"}", "{\"n\": {}}"),
      ("\"n\": \"x\"", "\"n\": \"x\", \"a\": \"y\""),
      ("\"n\": \"x\"", "\"n\": \"x\", \"n\": \"y\""), (": \"ptp\"", ":\"ptp\""), ("minor", "mayor"),
    ] {
      #expect(topic(text.replacing(old, with: new).utf8) == nil, "\(new)")
    }
    var long = alarm()
    long.rule = String(repeating: "r", count: 250)
    #expect(topic(line(of: long)) == "too long")
  }
}
