import Healthbot
import Testing

private func failure(_ name: String) -> String {
  do throws(TopicNameError) { return "accepted: \(try TopicName(name))" } catch {
    return error.description
  }
}

@Suite struct TopicNameTests {
  @Test func `an alarm goes to group, device, topic, rule and trigger`() throws {
    #expect(
      try TopicName(for: ptpAlarm()).description
        == "ptp.mx960-1.protocol.ptp.ptp-lock-status.ptp-lock-status")
  }

  @Test func `the offending character is named with its place`() {
    #expect(
      failure("ptp/mx960")
        == "topic name \"ptp/mx960\": '/' at byte 3 is not allowed; "
        + "use A-Z a-z 0-9 . _ - or --sanitize")
    #expect(failure("a\u{1b}b").contains(#""a\u{1b}b": '\u{1b}' at byte 1 is not allowed"#))
    #expect(failure("zürich").contains("'ü' at byte 1"))
    #expect(failure("a b").contains("' ' at byte 1"))
  }

  @Test func `empty, dots and more than 249 bytes are refused`() throws {
    #expect(failure("").contains("empty"))
    #expect(failure(".") == "topic name \".\": Kafka does not allow \".\" and \"..\" as names")
    #expect(failure("..").contains("\"..\""))
    #expect(try TopicName("...").description == "...")
    #expect(try TopicName(String(repeating: "x", count: 249)).description.utf8.count == 249)
    #expect(
      failure(String(repeating: "x", count: 250))
        == "topic name \"\(String(repeating: "x", count: 80))…\": 250 bytes are too long; "
        + "Kafka allows 249: give a shorter one by \"topic\" in kafka-publish or by --to")
  }

  @Test func `every ASCII character is judged as Kafka judges it`() {
    let allowed = Set(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".unicodeScalars)
    for value in UInt8(0)..<128 {
      let scalar = Unicode.Scalar(value)
      let isAccepted = (try? TopicName("a" + String(scalar))) != nil
      #expect(isAccepted == allowed.contains(scalar))
    }
  }

  @Test func `names that differ in dots and underscores alone collide`() throws {
    let name = try TopicName("ptp.mx_1.t")
    for (other, collides) in [
      ("ptp_mx_1.t", true), ("ptp.mx.1_t", true), ("ptp.mx_1.t", false), ("ptp-mx_1.t", false),
      ("ptp.mx_1", false),
    ] {
      #expect(try name.collides(with: TopicName(other)) == collides)
    }
  }

  @Test func `sanitizing replaces each such character and says what changed`() throws {
    let sanitized = try SanitizedTopicName("ptp/mü 1")
    #expect(sanitized.name.description == "ptp_m__1")
    #expect(sanitized.replacements.map(\.byteOffset) == [3, 5, 7])
    #expect(
      sanitized.description
        == "topic name \"ptp/mü 1\" is sanitized to \"ptp_m__1\": '/' at byte 3, 'ü' at byte 5, "
        + "' ' at byte 7")
    #expect(try SanitizedTopicName("..").name.description == "__")
    let many = try SanitizedTopicName(String(repeating: "/", count: 20))
    #expect(many.description.hasSuffix("'/' at byte 7, 12 more"))
  }

  @Test func `sanitizing leaves a right name alone and cuts nothing`() throws {
    let right = try SanitizedTopicName("a.b_c-d")
    #expect(!right.isChanged)
    #expect(right.name.description == "a.b_c-d")
    #expect(throws: TopicNameError.self) {
      try SanitizedTopicName(String(repeating: "/", count: 250))
    }
    #expect(throws: TopicNameError.self) { try SanitizedTopicName("") }
  }
}
