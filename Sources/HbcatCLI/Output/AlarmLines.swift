import Healthbot
import JSON
import Transport

/// What is printed of alarms and silences line by line.
enum AlarmLines {
  /// A change in one line: time, severity, device, rule, trigger, message, with tabs between them.
  static func text(
    _ entry: AlarmTable.Entry, atMs: Int64, silencedBy silence: Silence?, hasColour: Bool
  ) -> String {
    let alarm = entry.alarm
    let severity =
      hasColour
      ? "\u{1b}[\(colour(of: alarm.severity))m\(alarm.severity.rawValue)\u{1b}[0m"
      : alarm.severity.rawValue
    let fields = [alarm.deviceID ?? "-", alarm.rule, alarm.trigger, alarm.message]
      .map(Messages.visible)
    let mark = silence == nil ? "" : "\tsilenced"
    return "\(WallClock.date(atMs / 1000))\t\(severity)\t\(fields.joined(separator: "\t"))\(mark)"
  }

  /// The number of a severity's colour, as terminals have them.
  static func colour(of severity: Alarm.Severity) -> String {
    switch severity {
    case .major: "31"
    case .minor: "33"
    case .normal: "32"
    }
  }

  /// An alarm as the man page describes it, without a newline.
  static func json(_ entry: AlarmTable.Entry, event: String, silencedBy silence: Silence?)
    -> [UInt8]
  {
    let alarm = entry.alarm
    var writer = JSONWriter(.python)
    writer.beginObject()
    func put(_ name: String, _ text: String?) {
      writer.name(name)
      if let text { writer.string(text) } else { writer.null() }
    }
    func put(_ name: String, _ members: [AlarmMember]) {
      writer.name(name)
      writer.beginObject()
      for member in members {
        writer.name(member.name)
        writer.raw(member.value.json.utf8)
      }
      writer.endObject()
    }
    func put(_ name: String, number: Int64) {
      writer.name(name)
      writer.integer(number)
    }
    put("event", event)
    put("device-id", alarm.deviceID)
    put("group", alarm.group)
    put("keys", alarm.keys)
    put("message", alarm.message)
    put("rule", alarm.rule)
    put("severity", alarm.severity.rawValue)
    put("topic", alarm.topic)
    put("trigger", alarm.trigger)
    put("fields", alarm.otherFields)
    put("since", number: entry.sinceMs)
    put("changed", number: entry.changedMs)
    put("count", number: Int64(entry.count))
    put("silenced", silence?.id)
    writer.name("kafka")
    writer.beginObject()
    put("topic", entry.place.topic)
    put("partition", number: Int64(entry.place.partition))
    put("offset", number: entry.place.offset)
    put("timestamp", number: entry.place.timestampMs)
    writer.endObject()
    writer.endObject()
    return writer.bytes
  }

  /// Silences in columns: id, how long it lasts, matchers, author, comment.
  static func table(_ silences: [Silence], nowMs: Int64) -> [String] {
    guard !silences.isEmpty else { return [] }
    var rows = [["ID", "ENDS", "MATCHERS", "AUTHOR", "COMMENT"]]
    for silence in silences {
      let left = silence.endsMs - nowMs
      rows.append([
        silence.id, left > 0 ? "in " + TimeSpan.text(milliseconds: left) : "over",
        silence.matchers.map(\.description).joined(separator: " "), silence.author, silence.comment,
      ])
    }
    let cells = rows.map { $0.map(Messages.visible) }
    let widths = cells[0].indices.map { column in
      cells.map { DisplayText.width($0[column]) }.reduce(0, max)
    }
    return cells.map { row in
      var line = zip(row, widths).map { DisplayText.fitted($0, to: $1) }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
