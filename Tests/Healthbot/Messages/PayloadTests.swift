import Healthbot
import JSON
import Testing

/// An alarm whose every text tries to be more than text.
let hostileText =
  "<!channel> <@U123> <http://evil.example|bank> *b* `c` [x](http://evil) <at>all</at> @here & "
  + "\"}],\"text\":\"x\" \r\nX-Evil: 1\u{1b}[2J \u{202e}gnp\u{2028} 🔔"

func hostileAlarm() -> Alarm {
  var alarm = Alarm(
    deviceID: hostileText, group: hostileText, message: hostileText, rule: hostileText,
    severity: .major, topic: hostileText, trigger: hostileText)
  alarm.setKey(hostileText, to: AlarmValue(string: hostileText))
  alarm.setOtherField(hostileText, to: AlarmValue(string: hostileText))
  return alarm
}

private func text(_ payload: HTTPPayload) -> String {
  String(decoding: payload.body, as: UTF8.self)
}

/// The strings of a JSON text, decoded, each behind the path of names that leads to it.
private func strings(_ payload: HTTPPayload) throws -> [(path: String, value: String)] {
  try payload.body.withUnsafeBytes { bytes in
    var reader = JSONReader(bytes)
    var path: [String] = []
    var found: [(path: String, value: String)] = []
    while let token = try reader.next() {
      let depth = reader.depth
      switch token {
      case .name(let span):
        path = Array(path.prefix(depth - 1))
        while path.count < depth - 1 { path.append("") }
        path.append(reader.string(span))
      case .string(let span):
        found.append((path.filter { !$0.isEmpty }.joined(separator: "."), reader.string(span)))
      case .objectStart, .objectEnd, .arrayStart, .arrayEnd, .number, .bool, .null: break
      }
    }
    return found
  }
}

@Suite struct PayloadTests {
  @Test func `a Slack message has severity, device, rule and text in plain-text blocks`() throws {
    let payload = HTTPPayload(slack: ChatMessage(ptpAlarm()), channel: "#noc")
    #expect(
      text(payload)
        == ##"{"channel": "#noc", "text": "\ud83d\udd34 MAJOR mx960-1: ptp-lock-status: Slave Clock is "##
        + #"not Phase Aligned with the Master Clock - 2", "mrkdwn": false, "link_names": false, "#
        + #""unfurl_links": false, "unfurl_media": false, "parse": "none", "blocks": [{"type": "#
        + #""header", "text": {"type": "plain_text", "text": "\ud83d\udd34 MAJOR mx960-1: "#
        + #"ptp-lock-status", "emoji": false}}, {"type": "section", "fields": [{"type": "#
        + #""plain_text", "text": "severity: major", "emoji": false}, {"type": "plain_text", "#
        + #""text": "device: mx960-1", "emoji": false}, {"type": "plain_text", "text": "group: ptp", "#
        + #""emoji": false}, {"type": "plain_text", "text": "topic: protocol.ptp", "emoji": false}, "#
        + #"{"type": "plain_text", "text": "rule: ptp-lock-status", "emoji": false}, {"type": "#
        + #""plain_text", "text": "trigger: ptp-lock-status", "emoji": false}]}, {"type": "section", "#
        + #""text": {"type": "plain_text", "text": "Slave Clock is not Phase Aligned with the "#
        + #"Master Clock - 2", "emoji": false}}]}"#)
  }

  @Test func `a Teams card has its text in rich text runs`() throws {
    let payload = HTTPPayload(teams: ChatMessage(ptpAlarm()))
    let found = try strings(payload)
    #expect(found.contains { $0.value == "application/vnd.microsoft.card.adaptive" })
    #expect(found.contains { $0.value == "🔴 MAJOR mx960-1: ptp-lock-status" })
    #expect(found.contains { $0.value == "Attention" })
    #expect(found.contains { $0.value == ptpAlarm().message })
    #expect(found.filter { $0.value == "RichTextBlock" }.count == 8)
  }

  @Test func `S55: nothing of an alarm is in a header`() {
    #expect(HTTPPayload.headerName == "Content-Type")
    #expect(HTTPPayload.headerValue == "application/json")
    // The whole payload is its body; what it holds is JSON without any line end.
    for payload in [
      HTTPPayload(slack: ChatMessage(hostileAlarm()), channel: hostileText),
      HTTPPayload(teams: ChatMessage(hostileAlarm())),
    ] {
      #expect(payload.body.allSatisfy { (0x20...0x7E).contains($0) })
    }
  }

  @Test
  func `S56: a webhook's address that an alarm must not reach is refused in the configuration`() {
    for (address, error) in [
      ("file:///etc/passwd", "scheme \"file\""), ("https://u@h/", "a user in it"),
      ("http://0xa9fea9fe/", "four decimal numbers"),
    ] {
      let read = ReadConfiguration("notification-name: n\nhttp-post: {url: '\(address)'}")
      #expect(read.errors.count == 1 && read.errors.first?.contains(error) == true)
    }
  }

  @Test
  func `S57: the webhook's body is the alarm line, JSON whatever the alarm holds, and bounded`()
    throws
  {
    let payload = try HTTPPayload(webhook: hostileAlarm())
    #expect(payload.body == AlarmLine.bytes(of: hostileAlarm()))
    let read = try payload.body.withUnsafeBytes { try AlarmLine.alarm(in: $0) }
    #expect(read.message == hostileText)
    #expect(payload.body.allSatisfy { (0x20...0x7E).contains($0) })
    var large = ptpAlarm()
    large.message = String(repeating: "x", count: HTTPPayload.bytesMax)
    #expect(throws: PayloadError.tooLarge(byteCount: 1_048_746)) { try HTTPPayload(webhook: large) }
  }

  @Test func `S58: no alarm pings a channel, forges a link or marks up text in Slack`() throws {
    for template in [nil, try MessageTemplate(parsing: "{{message}}")] {
      let payload = HTTPPayload(
        slack: ChatMessage(hostileAlarm(), template: template), channel: "#noc")
      let found = try strings(payload)
      let texts = found.filter { $0.path.hasSuffix("text") }
      #expect(texts.count >= 2)
      for (path, value) in texts {
        #expect(!value.contains("<") && !value.contains(">"), "\(path): \(value)")
        #expect(value.replacing(/&(amp|lt|gt);/, with: "").contains("&") == false)
      }
      // Every block's text is plain: there is no mrkdwn object in which * ` or links would work.
      let types = Set(found.filter { $0.path.hasSuffix("type") }.map(\.value))
      #expect(types.isSubset(of: ["header", "section", "plain_text"]))
      #expect(found.contains { $0.path == "parse" && $0.value == "none" })
      for off in ["mrkdwn", "link_names", "unfurl_links", "unfurl_media"] {
        #expect(text(payload).contains("\"\(off)\": false"))
      }
    }
  }

  @Test func `S58: no alarm pings anybody, forges a link or marks up text in Teams`() throws {
    for template in [nil, try MessageTemplate(parsing: "{{message}}")] {
      let payload = HTTPPayload(teams: ChatMessage(hostileAlarm(), template: template))
      let found = try strings(payload)
      let types = Set(found.filter { $0.path.hasSuffix("type") }.map(\.value))
      #expect(types == ["message", "AdaptiveCard", "RichTextBlock", "TextRun"])
      // A mention needs an entity beside the text, a link an action: the card has neither.
      #expect(!found.contains { $0.path.hasSuffix("msteams") || $0.path.contains("entities") })
      #expect(!found.contains { $0.path.contains("selectAction") || $0.path.hasSuffix("url") })
      #expect(found.contains { $0.value.contains("[x](http://evil)") })
    }
  }

  @Test(arguments: ["insecure: true", "verify: false", "ssl-verify: 'no'", "enable.ssl: false"])
  func `S60: no key of a channel turns the check of TLS certificates off`(_ key: String) throws {
    for (channel, address) in [
      ("http-post", "url"), ("slack", "url"), ("microsoft-teams", "channel"),
    ] {
      let slack = channel == "slack" ? "channel: c, " : ""
      let read = ReadConfiguration(
        "notification-name: n\n\(channel): {\(address): 'https://h.example/x', \(slack)\(key)}")
      #expect(read.errors.count == 1 && read.errors.first?.contains("unknown key") == true)
    }
    let plain = try ChannelURL("http://h.example/x")
    #expect(plain.refusal(allowsPlainText: false)?.contains("use https, or --allow-http") == true)
  }

  @Test func `characters that turn or hide text are written out in chat`() throws {
    for payload in [
      HTTPPayload(slack: ChatMessage(hostileAlarm()), channel: "c"),
      HTTPPayload(teams: ChatMessage(hostileAlarm())),
    ] {
      for (_, value) in try strings(payload) {
        #expect(
          !value.unicodeScalars.contains { "\u{1b}\u{202e}\u{2028}\r".unicodeScalars.contains($0) })
      }
      #expect(try strings(payload).contains { $0.value.contains("\\u{202e}gnp") })
    }
    var family = ptpAlarm()
    family.message = "👩‍🚀 \u{FEFF}x\ty"
    let found = try strings(HTTPPayload(teams: ChatMessage(family)))
    #expect(found.contains { $0.value == "👩‍🚀 \\u{feff}x y" })
  }

  @Test func `chat payloads are bounded whatever the alarm's size, and never empty`() throws {
    for filler in ["x", "<", "🔔", "\u{1b}", "é\n", "\"", "\n"] {
      let long = String(repeating: filler, count: 20_000)
      let alarm = Alarm(
        deviceID: long, group: long, message: long, rule: long, severity: .minor, topic: long,
        trigger: long)
      #expect(
        HTTPPayload(teams: ChatMessage(alarm)).body.count < 28_000, "\(filler.debugDescription)")
      let slack = HTTPPayload(slack: ChatMessage(alarm), channel: "c")
      for (path, value) in try strings(slack) where path.hasSuffix("text") {
        #expect(value.utf16.count <= 3000 && !value.isEmpty)
      }
      let header = try strings(slack).first { $0.path == "blocks.text.text" }
      #expect(header?.value.utf16.count ?? 151 <= 150)
    }
    var empty = ptpAlarm()
    empty.message = " \n"
    for payload in [
      HTTPPayload(slack: ChatMessage(empty), channel: "c"), HTTPPayload(teams: ChatMessage(empty)),
    ] {
      #expect(try strings(payload).contains { $0.value == "(no text)" || $0.value == " " })
    }
  }
}
