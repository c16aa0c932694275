import Healthbot
import Testing

/// The alarms of a stream as lines, and what cannot be made one behind `!`.
private func alarms(
  _ text: String, _ defaults: AlarmDefaults = defaultGroup(), chunk: Int = 1 << 20,
  needsDevice: Bool = true, bytesMax: Int = 1 << 20
) -> [String] {
  var reader = AlertmanagerAlarms(
    defaults: defaults, needsDevice: needsDevice, bytesMax: bytesMax)
  var found: [String] = []
  func take(_ result: Result<Alarm, AlertmanagerError>) {
    switch result {
    case .success(let alarm):
      found.append(String(decoding: AlarmLine.bytes(of: alarm), as: UTF8.self))
    case .failure(let error): found.append("!\(error)")
    }
  }
  let bytes = Array(text.utf8)
  for start in stride(from: 0, to: bytes.count, by: chunk) {
    Array(bytes[start..<min(bytes.count, start + chunk)]).withUnsafeBytes {
      reader.feed($0, take)
    }
  }
  reader.finish(take)
  return found
}

private func defaultGroup() -> AlarmDefaults {
  var defaults = AlarmDefaults()
  defaults.group = "g"
  return defaults
}

/// A document as Alertmanager writes it, with these alerts.
private func document(_ alerts: String..., truncated: Int = 0) -> String {
  """
  {"receiver":"hbcat","status":"firing","alerts":[\(alerts.joined(separator: ","))],\
  "groupLabels":{"alertname":"A"},"commonLabels":{"alertname":"A"},"commonAnnotations":{},\
  "externalURL":"http://am:9093","version":"4","groupKey":"{}:{alertname=\\"A\\"}",\
  "truncatedAlerts":\(truncated)}

  """
}

/// An alert with labels and annotations.
private func alert(_ labels: String, _ annotations: String = "", status: String = "firing")
  -> String
{
  """
  {"status":"\(status)","labels":{\(labels)},"annotations":{\(annotations)},\
  "startsAt":"2026-11-25T09:51:03.157Z","endsAt":"0001-01-01T00:00:00Z",\
  "generatorURL":"http://prom:9090/graph","fingerprint":"c6eadffa33fcdf37"}
  """
}

@Suite struct AlertmanagerAlarmsTests {
  private let down =
    #""alertname":"LinkDown","instance":"mx1:9100","job":"snmp","severity":"critical","ifName":"xe-0/0/0""#
  private let downLine =
    #"{"device-id": "mx1", "group": "g", "keys": {"ifName": "xe-0/0/0", "instance": "mx1:9100", "#
    + #""severity": "critical"}, "message": "xe-0/0/0 is down", "rule": "LinkDown", "severity": "#

  @Test func `an alert and its end become an alarm and its clear of one identity`() {
    let text =
      document(alert(down, #""summary":"xe-0/0/0 is down","description":"long""#))
      + document(alert(down, #""summary":"xe-0/0/0 is down""#, status: "resolved"))
    #expect(
      alarms(text) == [
        downLine + #""major", "topic": "snmp", "trigger": "LinkDown"}"#,
        downLine + #""normal", "topic": "snmp", "trigger": "LinkDown"}"#,
      ])
  }

  @Test(arguments: [1, 2, 5, 64])
  func `documents may come in pieces, one after the other and over many lines`(chunk: Int) {
    let one = document(alert(down, #""summary":"xe-0/0/0 is down""#), alert(#""alertname":"B""#))
    let pretty = one.replacing(",", with: ",\n  ").replacing(
      "\"labels\":{", with: "\"labels\": {\n")
    let text = one + pretty + one
    let whole = alarms(text)
    #expect(whole.count == 6)
    #expect(whole[0] == whole[2] && whole[0] == whole[4])
    #expect(whole[3].hasPrefix("!document 2, alert 2, line "))
    #expect(alarms(text, chunk: chunk) == whole)
  }

  @Test func `labels go before defaults, and what has none comes from them`() throws {
    var defaults = defaultGroup()
    defaults.deviceID = "nobody"
    defaults.topic = "prom"
    defaults.trigger = "never"
    defaults.message = "see Grafana"
    defaults.severity = .major
    let found = alarms(
      document(
        alert(#""alertname":"A""#),
        alert(
          #""alertname":"A","device":"mx2","instance":"x:1","device_group":"edge","topic":"t","#
            + #""trigger":"tr","severity":"warning","job":"""#,
          #""description":"d","runbook":"r""#)), defaults)
    #expect(
      found == [
        #"{"device-id": "nobody", "group": "g", "keys": {}, "message": "see Grafana", "rule": "A", "#
          + #""severity": "major", "topic": "prom", "trigger": "A"}"#,
        #"{"device-id": "mx2", "group": "edge", "keys": {"instance": "x:1", "severity": "warning"}, "#
          + #""message": "d", "rule": "A", "severity": "minor", "topic": "t", "trigger": "tr"}"#,
      ])
  }

  @Test(arguments: [
    ("critical", "major"), ("page", "major"), ("Error", "major"), ("major", "major"),
    ("warning", "minor"), ("info", "minor"), ("none", "minor"), ("purple", "minor"),
  ])
  func `severities are those that words mean to most`(word: String, severity: String) throws {
    let text = document(alert(#""alertname":"A","device-id":"d","severity":"\#(word)""#))
    let line = try #require(alarms(text).first)
    #expect(line.contains(#""severity": "\#(severity)", "topic": "alertmanager""#))
  }

  @Test(arguments: [
    ("mx1:9100", "mx1"), ("mx1", "mx1"), ("10.0.0.1:161", "10.0.0.1"),
    ("[2001:db8::1]:9100", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"), (":9100", ":9100"),
    ("https://a.example:443", "https://a.example:443"), ("mx1:", "mx1:"),
  ])
  func `the exporter's port is no part of the device`(instance: String, device: String) throws {
    let text = document(alert(#""alertname":"A","instance":"\#(instance)""#))
    let line = try #require(alarms(text).first)
    #expect(line.hasPrefix(#"{"device-id": "\#(device)", "group""#))
    #expect(line.contains("\"instance\"") == (instance != device))
  }

  @Test func `a bad alert is told with its place and the others go on`() {
    let good = alert(#""alertname":"A","device":"d""#)
    let found = alarms(
      document(
        good, "7", alert(#""alertname":"A","device":7"#), alert(#""alertname":"A""#),
        alert("", status: "pending"), good), AlarmDefaults())
    #expect(found.count == 6)
    #expect(found[0].hasPrefix("!document 1, alert 1, line 1, column "))
    #expect(found[0].hasSuffix(": field \"group\" is missing"))
    #expect(found[1].hasSuffix(": an alert must be an object"))
    #expect(found[2].hasSuffix(": \"device\" in \"labels\" must be a text"))
    #expect(found[3].hasSuffix(": fields \"device-id\", \"group\" are missing"))
    #expect(found[4].hasSuffix(": \"status\" must be firing or resolved, not \"pending\""))
    #expect(alarms(document(good, "7", good)).filter { !$0.hasPrefix("!") }.count == 2)
  }

  @Test func `a bad document is told with its number and the others go on`() {
    let good = document(alert(#""alertname":"A","device":"d""#))
    let found = alarms("\(good){\"alerts\":[1,}\n{\"alerts\":[tru]}\n{\"a\":1}\n[]\n\(good)")
    #expect(found.filter { !$0.hasPrefix("!") }.count == 2)
    #expect(
      found.filter { $0.hasPrefix("!") } == [
        "!document 2, line 2: } where ] must come first",
        "!document 3, line 3, column 15: expected \"true\", not ']'",
        "!document 4, line 4, column 7: the document has no list \"alerts\"",
        "!document 5, line 5, column 1: the document must be an object",
      ])
  }

  @Test func `a label that is there twice is told`() {
    let found = alarms(document(alert(#""alertname":"A","device":"d","x":"1","x":"2""#)))
    #expect(found.count == 1)
    #expect(found[0].hasSuffix(": the name \"x\" is there twice"))
  }

  @Test func `alerts that Alertmanager has left out are told`() {
    let found = alarms(document(alert(#""alertname":"A","device":"d""#), truncated: 3))
    #expect(found.count == 2)
    #expect(
      found[1].hasSuffix(": Alertmanager has left out 3 alerts: raise max_alerts of its webhook"))
  }

  @Test func `a device may be missing where the group is a network group's`() {
    let text = document(alert(#""alertname":"A""#))
    #expect(alarms(text)[0].hasSuffix("field \"device-id\" is missing"))
    #expect(alarms(text, needsDevice: false)[0].hasPrefix(#"{"group": "g""#))
  }

  @Test func `documents are bounded`() {
    let good = document(alert(#""alertname":"A","device":"d""#))
    let large = document(
      alert(
        #""alertname":"A","device":"d""#, "\"summary\":\"\(String(repeating: "x", count: 2000))\""))
    let found = alarms(large + good, bytesMax: 1000)
    #expect(found.count == 2)
    #expect(found[0] == "!document 1, line 1: a document may have 1000 bytes")
  }
}
