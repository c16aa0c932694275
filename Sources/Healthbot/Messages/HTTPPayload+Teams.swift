import JSON

extension HTTPPayload {
  /// The body for a webhook of a Teams workflow: an Adaptive Card.
  ///
  /// All text stands in the runs of RichTextBlocks, which, unlike TextBlocks and FactSets, know no
  /// Markdown: no link and no mention can be made there.
  public init(teams message: ChatMessage) {
    var writer = JSONWriter(.python)
    writer.beginObject()
    writer.name("type")
    writer.string("message")
    writer.name("attachments")
    writer.beginArray()
    writer.beginObject()
    writer.name("contentType")
    writer.string("application/vnd.microsoft.card.adaptive")
    writer.name("content")
    Teams.card(message, &writer)
    writer.endObject()
    writer.endArray()
    writer.endObject()
    self.init(body: writer.bytes)
  }
}

/// The parts of a card, which Teams takes up to 28 KB in all.
private enum Teams {
  static let textCostMax = 12_000
  static let lineCostMax = 600
  static let linesMax = 40

  static func card(_ message: ChatMessage, _ writer: inout JSONWriter) {
    writer.beginObject()
    writer.name("$schema")
    writer.string("http://adaptivecards.io/schemas/adaptive-card.json")
    writer.name("type")
    writer.string("AdaptiveCard")
    writer.name("version")
    writer.string("1.4")
    writer.name("body")
    writer.beginArray()
    if !message.title.isEmpty {
      block([Run(message.title, color: message.severity.color, isBold: true)], &writer)
    }
    for fact in message.facts {
      block([Run("\(fact.name): ", isBold: true), Run(fact.value)], &writer)
    }
    let text = ChatText.clean(
      message.text, keepsLines: true, costMax: textCostMax, cost: cost(of:))
    let lines = text.split(separator: "\n", maxSplits: linesMax - 1).map { String($0) }
    for line in lines.isEmpty ? ["(no text)"] : lines {
      block([Run(clean: line.split(separator: "\n").joined(separator: " "))], &writer)
    }
    writer.endArray()
    writer.endObject()
  }

  private struct Run {
    let text: String
    var color: String?
    var isBold = false

    init(_ text: String, color: String? = nil, isBold: Bool = false) {
      self.text = ChatText.clean(text, costMax: lineCostMax, cost: cost(of:))
      self.color = color
      self.isBold = isBold
    }

    init(clean text: String) { self.text = text }
  }

  private static func block(_ runs: [Run], _ writer: inout JSONWriter) {
    writer.beginObject()
    writer.name("type")
    writer.string("RichTextBlock")
    writer.name("inlines")
    writer.beginArray()
    for run in runs {
      writer.beginObject()
      writer.name("type")
      writer.string("TextRun")
      writer.name("text")
      writer.string(run.text)
      if run.isBold {
        writer.name("weight")
        writer.string("Bolder")
      }
      if let color = run.color {
        writer.name("color")
        writer.string(color)
      }
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
  }

  /// The bytes of a character in an ASCII JSON string.
  private static func cost(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x22, 0x5C: 2
    case 0x20..<0x7F: 1
    case 0..<0x10000: 6
    default: 12
    }
  }
}

extension Alarm.Severity {
  /// The word for a colour that Adaptive Cards have.
  fileprivate var color: String {
    switch self {
    case .major: "Attention"
    case .minor: "Warning"
    case .normal: "Good"
    }
  }
}
