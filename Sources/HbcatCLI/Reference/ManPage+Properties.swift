import KafkaClient

/// The properties of `-X`: what each does here.
extension ManPage {
  static var properties: String {
    var honoured = ""
    var accepted = ""
    var refused = ""
    for row in PropertyTable.rows {
      let names = ([row.name] + row.aliases).map(Roff.bold).joined(separator: ", ")
      switch row.effect {
      case .honoured: honoured += Roff.item(names, [sentence(values(row) + [row.note])])
      case .accepted(let why): accepted += Roff.item(names, [sentence([why, row.note])])
      case .refused(let why):
        // Functions are of no use to those who write command lines.
        switch row.kind {
        case .callback, .inner: break
        case .bool, .integer, .decimal, .oneOf, .flags, .name, .patterns, .text, .secret:
          refused += Roff.item(names, [sentence([why])])
        }
      }
    }
    return Roff.section("PROPERTIES")
      + Roff.paragraph(
        "-X, -F and configuration files take the names of librdkafka's properties, and some of the "
          + "Java client's.",
        "-X list prints them, -X dump prints what holds; secrets are shown as [redacted].",
        "A topic's properties may have the prefix topic. as well.",
        "A name that is not known is an error, and the nearest one is named.")
      + Roff.paragraph(
        "The value of a secret may stand in a file or in the environment: "
          + "sasl.password.file=PATH, sasl.password.env=NAME, and so for each of them.")
      + Roff.subsection("Honoured") + honoured
      + Roff.subsection("Accepted without effect")
      + Roff.paragraph("-d conf says of each that is set why it changes nothing.") + accepted
      + Roff.subsection("Refused")
      + Roff.paragraph(
        "They load code or run commands, or have no meaning as text: librdkafka's "
          + "functions, whose names end in _cb, are refused as well.") + refused
  }

  private static func values(_ row: Property) -> [String] {
    let range = row.rangeText.split(separator: " .. ").joined(separator: " to ")
    let unit =
      switch row.kind {
      case .integer(_, let unit, _), .decimal(_, let unit): unit.rawValue
      case .bool, .oneOf, .flags, .name, .patterns, .text, .secret, .callback, .inner: ""
      }
    let values = [range, unit].filter { !$0.isEmpty }.joined(separator: " ")
    let role =
      switch row.role {
      case .consumer: "Consumers"
      case .producer: "Producers"
      case .both: ""
      }
    let initial = (row.defaultText ?? "").isEmpty ? "" : "default \(row.defaultText ?? "")"
    return [role, values, initial]
  }

  private static func sentence(_ parts: [String]) -> String {
    let text = parts.filter { !$0.isEmpty }.joined(separator: "; ")
    return text.isEmpty ? "" : "\(text)."
  }
}
