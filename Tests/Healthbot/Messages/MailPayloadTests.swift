import Healthbot
import Testing

private let nowMs: Int64 = 1_795_601_405_678

private func mail(_ message: ChatMessage) -> String {
  let payload = MailPayload(
    message, to: ["noc@example.net", "on-call@example.net"], sender: "hb@example.net", nowMs: nowMs)
  #expect(payload.recipients.count == 2 && payload.sender == "hb@example.net")
  return String(decoding: payload.bytes, as: UTF8.self)
}

/// Name and value of each header, unfolded; nil where a line is none.
private func headers(_ mail: String) -> [String]? {
  guard let end = mail.utf8.firstRange(of: "\r\n\r\n".utf8) else { return nil }
  let head = mail[..<end.lowerBound].replacing("\r\n ", with: " ")
  let lines = head.split(separator: "\r\n" as Character)
  return lines.map { String($0.prefix { $0 != ":" }) }
}

@Suite struct MailPayloadTests {
  @Test func `a mail has headers, the facts and the text`() {
    let text = mail(ChatMessage(ptpAlarm()))
    #expect(
      text == """
        From: hb@example.net\r
        To: noc@example.net,\r
         on-call@example.net\r
        Subject: =?utf-8?Q?=F0=9F=94=B4=20MAJOR=20mx960=2D1=3A=20ptp=2Dlock=2Dsta?=\r
         =?utf-8?Q?tus?=\r
        Date: Wed, 25 Nov 2026 10:10:05 +0000\r
        MIME-Version: 1.0\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Transfer-Encoding: quoted-printable\r
        Auto-Submitted: auto-generated\r
        \r
        severity: major\r
        device: mx960-1\r
        group: ptp\r
        topic: protocol.ptp\r
        rule: ptp-lock-status\r
        trigger: ptp-lock-status\r
        \r
        Slave Clock is not Phase Aligned with the Master Clock - 2\r\n
        """)
  }

  @Test func `S59: no alarm adds a header, a recipient or a line of SMTP`() throws {
    let names = [
      "From", "To", "Subject", "Date", "MIME-Version", "Content-Type",
      "Content-Transfer-Encoding", "Auto-Submitted",
    ]
    var evil = hostileAlarm()
    evil.rule = "x\r\nBcc: evil@example.net\r\n\r\nbody"
    evil.message = "a\r\n.\r\nRCPT TO:<evil@example.net>\nFrom here\n."
    for message in [
      ChatMessage(evil), ChatMessage(evil, template: try MessageTemplate(parsing: "{{rule}}")),
    ] {
      let text = mail(message)
      #expect(headers(text) == names)
      for line in text.split(separator: "\r\n" as Character, omittingEmptySubsequences: false) {
        #expect(line.utf8.count <= 76 && line.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(line != "." && !line.hasPrefix("From "))
      }
    }
  }

  @Test func `S59: an address with a line end, or two addresses in one, is refused`() {
    for address in ["a@b.c\\r\\nBcc: x@y.z", "a@b.c,x@y.z", "<a@b.c>", "a@@b", "@b", "a b@c.d"] {
      let read = ReadConfiguration("notification-name: n\nemails: {ids: [\"\(address)\"]}")
      #expect(read.errors.count == 1 && read.errors.first?.contains("no mail address") == true)
    }
  }

  @Test(arguments: [
    (0, "Thu, 1 Jan 1970 00:00:00 +0000"), (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"),
    (4_107_542_399_000, "Sun, 28 Feb 2100 23:59:59 +0000"),
    (4_107_542_400_000, "Mon, 1 Mar 2100 00:00:00 +0000"),
    (Int64.min, "Thu, 1 Jan 1970 00:00:00 +0000"), (Int64.max, "Fri, 31 Dec 9999 23:59:59 +0000"),
  ])
  func `dates are those of the calendar`(_ nowMs: Int64, _ date: String) {
    let payload = MailPayload(ChatMessage(ptpAlarm()), to: ["a@b.c"], sender: "a@b.c", nowMs: nowMs)
    #expect(String(decoding: payload.bytes, as: UTF8.self).contains("Date: \(date)\r\n"))
  }

  @Test func `a subject is cut and its encoded words divide no character`() throws {
    var alarm = ptpAlarm()
    alarm.rule = String(repeating: "🔔é", count: 400)
    let lines = mail(ChatMessage(alarm)).split(separator: "\r\n" as Character)
    let words = lines.filter { $0.contains("=?utf-8?Q?") }
    #expect(words.count > 3)
    for word in words {
      let inner = try #require(word.split(separator: "?").dropFirst(2).first)
      let bytes = inner.split(separator: "=").compactMap { UInt8($0.prefix(2), radix: 16) }
      #expect(String(validating: bytes, as: UTF8.self) != nil || inner.contains("ptp"))
    }
  }
}
