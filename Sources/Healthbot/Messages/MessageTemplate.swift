/// One's own text for chat and mail: `--template '{{severity}} {{device-id}}: {{message}}'`.
///
/// `{{field}}` is one of Healthbot's eight fields (`keys` as JSON), `{{keys.NAME}}` one of the keys,
/// `{{other.NAME}}` a further field; what an alarm does not have is empty. `\n`, `\t` and `\\` are as in
/// a format of kcat's, `\{` is a brace. What is expanded is not expanded again.
public struct MessageTemplate: Hashable, Sendable {
  /// How many characters an expansion has at most; what is longer is cut.
  public static let scalarsMax = 65536

  private enum Part: Hashable, Sendable {
    case text(String)
    case field(AlarmLine.Field)
    case key(String)
    case other(String)
  }

  private let parts: [Part]

  /// Compiles a template.
  /// - Throws: `MessageTemplateError` with the column of what is wrong.
  public init(parsing template: String) throws(MessageTemplateError) {
    var parsing = TemplateParsing(template)
    var parts: [Part] = []
    while let piece = try parsing.next() {
      switch piece {
      case .text(let text): parts.append(.text(text))
      case .placeholder(let name, let column): parts.append(try Self.part(name, column))
      }
    }
    self.parts = parts
  }

  private static func part(_ name: String, _ column: Int) throws(MessageTemplateError) -> Part {
    if let field = AlarmLine.Field(rawValue: name) { return .field(field) }
    if name.hasPrefix("keys."), name.utf8.count > 5 { return .key(String(name.dropFirst(5))) }
    if name.hasPrefix("other."), name.utf8.count > 6 { return .other(String(name.dropFirst(6))) }
    let known = AlarmLine.Field.allCases.map(\.rawValue)
    let suggestion = ConfigIssues.suggestion(name, among: known)
    let wayOut =
      suggestion.isEmpty
      ? "; use \(known.joined(separator: ", ")), keys.NAME or other.NAME" : suggestion
    throw MessageTemplateError(
      column,
      "{{\(shown(name, limit: 40).dropFirst().dropLast())}} is no field of an alarm\(wayOut)")
  }

  /// The text for an alarm.
  public func expanded(for alarm: Alarm) -> String {
    var result = String.UnicodeScalarView()
    var left = Self.scalarsMax
    for part in parts where left > 0 {
      let text: String
      switch part {
      case .text(let literal): text = literal
      case .field(.keys): text = String(decoding: AlarmLine.keys(of: alarm), as: UTF8.self)
      case .field(let field): text = AlarmLine.text(of: field, alarm) ?? ""
      case .key(let name): text = Self.text(of: name, alarm.keys)
      case .other(let name): text = Self.text(of: name, alarm.otherFields)
      }
      let piece = text.unicodeScalars.prefix(left)
      left -= piece.count
      result.append(contentsOf: piece)
    }
    return String(result)
  }

  private static func text(of name: String, _ members: [AlarmMember]) -> String {
    members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value.text ?? ""
  }
}

/// Why a text is no template, and where.
public struct MessageTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The column in characters (Unicode scalars), from 1.
  public let column: Int
  /// What is wrong.
  public let message: String

  init(_ column: Int, _ message: String) {
    self.column = column
    self.message = message
  }

  /// `--template: column 5: …`.
  public var description: String { "template: column \(column): \(message)" }
}
