import Healthbot
import Testing

private func expand(_ template: String, _ alarm: Alarm) throws -> String {
  try MessageTemplate(parsing: template).expanded(for: alarm)
}

private func failure(_ template: String) -> String {
  do throws(MessageTemplateError) {
    return "taken: \(try MessageTemplate(parsing: template))"
  } catch {
    return error.description
  }
}

@Suite struct MessageTemplateTests {
  @Test func `fields, keys and further fields are filled in`() throws {
    var alarm = ptpAlarm()
    alarm.setKey("_instance_id", to: AlarmValue(string: "[\"a\"]"))
    alarm.setKey("n", to: try AlarmValue(parsing: "[1, 2]"))
    alarm.setOtherField("zone", to: AlarmValue(string: "é"))
    #expect(
      try expand(
        "{{severity}} {{ device-id }}:\\n{{keys._instance_id}} {{keys.n}} {{other.zone}}", alarm)
        == "major mx960-1:\n[\"a\"] [1, 2] é")
    #expect(try expand("{{keys}}", alarm) == #"{"_instance_id": "[\"a\"]", "n": [1, 2]}"#)
    #expect(try expand("[{{keys.none}}{{other.none}}]", alarm) == "[]")
    alarm.deviceID = nil
    #expect(try expand("<{{device-id}}>", alarm) == "<>")
  }

  @Test func `braces and escapes stand for themselves`() throws {
    #expect(try expand("a { b } }} \\{{ \\\\ \\t|", ptpAlarm()) == "a { b } }} {{ \\ \t|")
    #expect(try expand("", ptpAlarm()) == "")
  }

  @Test func `what is filled in is not expanded again`() throws {
    var alarm = ptpAlarm()
    alarm.message = "{{rule}} \\n"
    #expect(try expand("{{message}}", alarm) == "{{rule}} \\n")
  }

  @Test(arguments: [
    (
      "ab {{mesage}}",
      "template: column 4: {{mesage}} is no field of an alarm; did you mean \"message\"?"
    ),
    (
      "{{x}}",
      "template: column 1: {{x}} is no field of an alarm; use device-id, group, keys, message"
    ),
    ("{{keys.}}", "template: column 1: {{keys.}} is no field"),
    ("é {{message}", "template: column 3: {{ is not closed by }}; a brace of its own is \\{"),
    ("a\\", "template: column 2: a backslash ends the template; write \\\\"),
    ("\\x", "template: column 1: \\x is no escape; there are \\n, \\t, \\\\ and \\{"),
    ("{{\u{1b}}}", "template: column 1: {{\\u{1b}}} is no field"),
  ])
  func `what is no template is an error with its column`(_ template: String, _ error: String) {
    #expect(failure(template).hasPrefix(error), "\(failure(template))")
  }

  @Test func `an expansion is bounded`() throws {
    var alarm = ptpAlarm()
    alarm.message = String(repeating: "x", count: 50_000)
    let template = String(repeating: "{{message}}", count: 1000)
    #expect(try expand(template, alarm).utf8.count == MessageTemplate.scalarsMax)
  }
}
