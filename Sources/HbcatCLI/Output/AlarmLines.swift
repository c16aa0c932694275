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
    writer.object { writer in
      writer.member("event", event)
      writer.member("device-id", alarm.deviceID)
      writer.member("group", alarm.group)
      write(alarm.keys, as: "keys", to: &writer)
      writer.member("message", alarm.message)
      writer.member("rule", alarm.rule)
      writer.member("severity", alarm.severity.rawValue)
      writer.member("topic", alarm.topic)
      writer.member("trigger", alarm.trigger)
      write(alarm.otherFields, as: "fields", to: &writer)
      writer.member("since", entry.sinceMs)
      writer.member("changed", entry.changedMs)
      writer.member("count", entry.count)
      writer.member("silenced", silence?.id)
      writer.name("kafka")
      writer.object { writer in
        writer.member("topic", entry.place.topic)
        writer.member("partition", entry.place.partition)
        writer.member("offset", entry.place.offset)
        writer.member("timestamp", entry.place.timestampMs)
      }
    }
    return writer.bytes
  }

  private static func write(
    _ members: [AlarmMember], as name: String, to writer: inout JSONWriter
  ) {
    writer.name(name)
    writer.object { writer in
      for member in members {
        writer.name(member.name)
        writer.raw(member.value.json.utf8)
      }
    }
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
