/// A mail as SMTP takes it: headers and text, lines ended by CR LF, ASCII alone.
public struct MailPayload: Equatable, Sendable {
  /// Where bounces go and who sends: for `MAIL FROM`.
  public let sender: String
  /// For `RCPT TO`, one each.
  public let recipients: [String]
  /// Headers, an empty line and the text.
  public let bytes: [UInt8]

  /// Makes a mail; `nowMs` is the time since 1970 in milliseconds.
  ///
  /// Addresses come from a checked configuration. What comes from an alarm stands in the subject,
  /// where no line can end, and in the text.
  public init(_ message: ChatMessage, to recipients: [String], sender: String, nowMs: Int64) {
    self.sender = sender
    self.recipients = recipients
    let firstLine = message.text.split(separator: "\n").first.map(String.init) ?? ""
    let subject = message.title.isEmpty ? firstLine : message.title
    var text = "From: \(sender)\r\nTo: \(recipients.joined(separator: ",\r\n "))\r\n"
    text += "Subject: \(Self.encodedWords(ChatText.clean(subject, costMax: 150)))\r\n"
    text += "Date: \(MailDate.text(nowMs))\r\n"
    text += """
      MIME-Version: 1.0\r
      Content-Type: text/plain; charset=utf-8\r
      Content-Transfer-Encoding: quoted-printable\r
      Auto-Submitted: auto-generated\r
      \r\n
      """
    var body = message.facts.map { "\($0.name): \(ChatText.clean($0.value, costMax: 500))\n" }
      .joined()
    if !body.isEmpty { body += "\n" }
    body += ChatText.clean(message.text, keepsLines: true, costMax: MessageTemplate.scalarsMax)
    bytes = Array((text + Self.quotedPrintable(body)).utf8)
  }

  /// RFC 2047's Q encoding: words of at most 75 characters, none of which divides a character.
  private static func encodedWords(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=")
    if isPlain && text.utf8.count <= 60 { return text }
    // A line has at most 76 characters, and the first begins with the header's name.
    var payloadMax = 75 - "=?utf-8?Q??=".utf8.count - "Subject: ".utf8.count
    var words: [String] = []
    var word = ""
    for scalar in text.unicodeScalars {
      let isSafe =
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
      let piece = isSafe ? String(scalar) : hex(String(scalar).utf8)
      if word.utf8.count + piece.utf8.count > payloadMax {
        words.append(word)
        word = ""
        payloadMax = 75 - "=?utf-8?Q??=".utf8.count
      }
      word += piece
    }
    words.append(word)
    return words.map { "=?utf-8?Q?\($0)?=" }.joined(separator: "\r\n ")
  }

  /// RFC 2045's quoted-printable: lines of at most 76 characters.
  private static func quotedPrintable(_ text: String) -> String {
    var result = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var column = 0
      for (byte, isLast) in zip(line.utf8, (0..<line.utf8.count).map { $0 == line.utf8.count - 1 })
      {
        // A dot that begins a line ends a mail; From at its beginning is changed on the way.
        let isSafe =
          (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "=")
          && !(byte == 0x20 && isLast)
          && !(column == 0 && (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "F")))
        let piece = isSafe ? String(Unicode.Scalar(byte)) : hex(CollectionOfOne(byte))
        if column + piece.utf8.count > 75 {
          result += "=\r\n"
          column = 0
        }
        result += piece
        column += piece.utf8.count
      }
      result += "\r\n"
    }
    return result
  }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return byte < 16 ? "=0\(digits)" : "=\(digits)"
    }.joined()
  }
}

/// The date of a mail, in UTC (RFC 5322).
enum MailDate {
  /// Such as `Wed, 25 Nov 2026 10:00:00 +0000`.
  static func text(_ nowMs: Int64) -> String {
    let seconds = Int(min(max(0, nowMs), 253_402_300_799_999)) / 1000
    let (days, time) = (seconds / 86400, seconds % 86400)
    // Days to a date of the Gregorian calendar: years that begin in March, eras of 400 years.
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let march = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * march + 2) / 5 + 1
    let month = march < 10 ? march + 3 : march - 9
    let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][days % 7]
    let name = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ][month - 1]
    let clock = [time / 3600, time / 60 % 60, time % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return "\(weekday), \(day) \(name) \(year) \(clock.joined(separator: ":")) +0000"
  }
}
