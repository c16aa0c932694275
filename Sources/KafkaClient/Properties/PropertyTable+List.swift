extension PropertyTable {
  /// The table as librdkafka prints it for `-X list`, with hbcat's defaults and what hbcat does with each.
  public static func list() -> String {
    func section(_ title: String, _ rows: [Property]) -> String {
      var text = "## \(title) configuration properties\n\n"
      text += "Property                                 | C/P | Range           |       Default "
      text += "| Importance | Description              \n"
      text += "-----------------------------------------|-----|-----------------|--------------:"
      text += "|------------| --------------------------\n"
      for row in rows {
        text += line(row, row.name, row.summary)
        for alias in row.aliases {
          text += line(row, alias, "Alias for `\(row.name)`: \(row.summary)")
        }
      }
      return text + "\n"
    }
    return section("Global", listed.filter(\.isGlobal)) + "\n"
      + section("Topic", listed.filter(\.isTopics))
      + "### C/P legend: C = Consumer, P = Producer, * = both\n"
  }

  private static func line(_ row: Property, _ name: String, _ summary: String) -> String {
    let defaultText =
      if case .flags = row.kind {
        (row.defaultText ?? "").split(separator: ",").joined(separator: ", ")
      } else { row.defaultText ?? "" }
    let cells = [
      padded(name, 40), " \(row.role.rawValue) ", padded(row.rangeText, 15),
      blanks(13 - defaultText.count) + defaultText, padded(row.importance, 10),
      "\(summary). <br>*Type: \(row.typeText)*",
    ]
    return cells.joined(separator: " | ") + "\n"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + blanks(width - text.count)
  }

  private static func blanks(_ count: Int) -> String {
    String(repeating: " ", count: max(0, count))
  }
}

extension Property {
  /// Whether it may be given without the prefix `topic.` for the client.
  var isGlobal: Bool { scope != .topic }
  /// Whether it may be given with the prefix `topic.`.
  var isTopics: Bool { scope != .global }

  /// What hbcat does with it, as a sentence without its full stop.
  public var summary: String {
    let effect =
      switch effect {
      case .honoured: "Honoured"
      case .accepted(let why): "Accepted without effect: \(why)"
      case .refused(let why): "Refused: \(why)"
      }
    let unit =
      switch kind {
      case .integer(_, .none, _), .decimal(_, .none): ""
      case .integer(_, let unit, _), .decimal(_, let unit): ", in \(unit.rawValue)"
      case .bool, .oneOf, .flags, .name, .patterns, .text, .secret, .callback, .inner: ""
      }
    let isHonoured = if case .honoured = self.effect { true } else { false }
    return effect + (isHonoured ? unit : "") + (note.isEmpty ? "" : "; \(note)")
  }

  /// The values that it takes, in librdkafka's form; empty for any text.
  public var rangeText: String {
    switch kind {
    case .bool: "true, false"
    case .integer(let range, _, _): "\(range.lowerBound) .. \(range.upperBound)"
    case .decimal(let range, _): "\(Int64(range.lowerBound)) .. \(Int64(range.upperBound))"
    case .oneOf(let words, let synonyms):
      (words + synonyms.keys.sorted()).joined(separator: ", ")
    case .flags(let words):
      // What is built in is its own range.
      defaultText == words.joined(separator: ",") ? "" : words.joined(separator: ", ")
    case .name, .patterns, .text, .secret, .callback, .inner: ""
    }
  }

  /// librdkafka's word for the kind of its values.
  var typeText: String {
    switch kind {
    case .bool: "boolean"
    case .integer: "integer"
    case .decimal: "float"
    case .oneOf: "enum value"
    case .flags: "CSV flags"
    case .patterns: "pattern list"
    case .name, .text, .secret: "string"
    case .callback, .inner: "see dedicated API"
    }
  }

  /// How much librdkafka thinks it matters.
  var importance: String {
    switch name {
    case "api.version.request", "auto.offset.reset", "compression.codec", "enable.auto.commit",
      "enable.auto.offset.store", "enable.idempotence", "group.id", "group.protocol",
      "isolation.level", "max.poll.interval.ms", "message.send.max.retries", "message.timeout.ms",
      "metadata.broker.list", "partitioner", "queue.buffering.max.kbytes",
      "queue.buffering.max.messages", "queue.buffering.max.ms", "request.required.acks",
      "sasl.mechanisms", "sasl.password", "sasl.username", "security.protocol",
      "session.timeout.ms", "statistics.interval.ms", "transactional.id":
      "high"
    case "api.version.fallback.ms", "auto.commit.interval.ms", "batch.num.messages", "batch.size",
      "broker.version.fallback", "check.crcs", "compression.level", "connections.max.idle.ms",
      "debug", "fetch.error.backoff.ms", "fetch.max.bytes", "fetch.message.max.bytes",
      "fetch.queue.backoff.ms", "group.instance.id", "group.remote.assignor", "message.max.bytes",
      "partition.assignment.strategy", "queued.max.messages.kbytes", "queued.min.messages",
      "receive.message.max.bytes", "reconnect.backoff.max.ms", "reconnect.backoff.ms",
      "request.timeout.ms", "retry.backoff.ms", "retry.backoff.max.ms",
      "socket.connection.setup.timeout.ms", "transaction.timeout.ms":
      "medium"
    default: "low"
    }
  }

  /// What librdkafka warns of where it is set.
  var deprecation: String? {
    switch name {
    case "topic.metadata.refresh.fast.cnt", "socket.blocking.max.ms": "No longer used."
    case "reconnect.backoff.jitter.ms":
      "No longer used. See `reconnect.backoff.ms` and `reconnect.backoff.max.ms`."
    default: nil
    }
  }
}
