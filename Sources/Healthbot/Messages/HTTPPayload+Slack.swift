import JSON

extension HTTPPayload {
  /// The body for an incoming webhook of Slack.
  ///
  /// All text stands in `plain_text` objects, in which Slack knows no mentions, links or markup, and is
  /// escaped besides. `text`, which notifications show, is escaped and not parsed.
  public init(slack message: ChatMessage, channel: String) {
    var writer = JSONWriter(.python)
    writer.beginObject()
    writer.name("channel")
    writer.string(channel)
    writer.name("text")
    let summary = message.title.isEmpty ? message.text : "\(message.title): \(message.text)"
    writer.string(Slack.text(summary, costMax: 300))
    for name in ["mrkdwn", "link_names", "unfurl_links", "unfurl_media"] {
      writer.name(name)
      writer.bool(false)
    }
    writer.name("parse")
    writer.string("none")
    writer.name("blocks")
    writer.beginArray()
    if !message.title.isEmpty {
      Slack.block("header", &writer) { writer in
        writer.name("text")
        Slack.plainText(message.title, costMax: Slack.headerMax, &writer)
      }
    }
    if !message.facts.isEmpty {
      Slack.block("section", &writer) { writer in
        writer.name("fields")
        writer.beginArray()
        for fact in message.facts.prefix(Slack.fieldsMax) {
          Slack.plainText("\(fact.name): \(fact.value)", costMax: 500, &writer)
        }
        writer.endArray()
      }
    }
    Slack.block("section", &writer) { writer in
      writer.name("text")
      Slack.plainText(message.text, costMax: Slack.sectionMax, keepsLines: true, &writer)
    }
    writer.endArray()
    writer.endObject()
    self.init(body: writer.bytes)
  }
}

/// Slack's blocks and their limits (characters, docs.slack.dev/reference/block-kit).
private enum Slack {
  static let headerMax = 150
  static let sectionMax = 3000
  static let fieldsMax = 10

  static func block(
    _ type: String, _ writer: inout JSONWriter, _ content: (inout JSONWriter) -> Void
  ) {
    writer.beginObject()
    writer.name("type")
    writer.string(type)
    content(&writer)
    writer.endObject()
  }

  static func plainText(
    _ text: String, costMax: Int, keepsLines: Bool = false, _ writer: inout JSONWriter
  ) {
    writer.beginObject()
    writer.name("type")
    writer.string("plain_text")
    writer.name("text")
    writer.string(Slack.text(text, costMax: costMax, keepsLines: keepsLines))
    writer.name("emoji")
    writer.bool(false)
    writer.endObject()
  }

  /// Clean text with `&`, `<` and `>` escaped; Slack refuses an empty one.
  static func text(_ text: String, costMax: Int, keepsLines: Bool = false) -> String {
    let clean = ChatText.clean(text, keepsLines: keepsLines, costMax: costMax) { scalar in
      escape(scalar)?.utf8.count ?? UTF16.width(scalar)
    }
    guard !clean.unicodeScalars.allSatisfy({ $0.properties.isWhitespace }) else {
      return "(no text)"
    }
    return clean.unicodeScalars.reduce(into: "") { result, scalar in
      if let escaped = escape(scalar) {
        result += escaped
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "&": "&amp;"
    case "<": "&lt;"
    case ">": "&gt;"
    default: nil
    }
  }
}
