import Healthbot

/// The table of active alarms as text, cut to a terminal's width; what steers a terminal is written out.
struct AlarmTableView {
  /// An alarm, and whether it is silenced.
  struct Row {
    var entry: AlarmTable.Entry
    var isSilenced = false
  }

  private enum Column: String, CaseIterable {
    case severity, since, device, group, rule, trigger, keys, message

    /// The most columns that it takes where the width is limited.
    var widthMax: Int {
      switch self {
      case .severity, .since: 16
      case .device, .rule, .trigger: 32
      case .group: 20
      case .keys: 32
      case .message: .max
      }
    }
  }

  /// What is left out where there is not enough room, in this order.
  private static let dropped: [Column] = [.keys, .trigger, .group, .since]
  /// The room that the message gets before something else is left out.
  private static let messageMin = 40
  private static let gap = 2

  private let rows: [Row]
  private let nowMs: Int64
  private let hasColour: Bool

  /// A table of rows as they are at a time, in milliseconds since 1970.
  init(_ rows: [Row], nowMs: Int64, hasColour: Bool = false) {
    self.rows = rows
    self.nowMs = nowMs
    self.hasColour = hasColour
  }

  /// The heading and a line for each alarm, without newlines.
  ///
  /// `width` nil cuts nothing; of more than `rowsMax` alarms the last line tells the rest.
  func lines(width: Int? = nil, rowsMax: Int = .max) -> [String] {
    guard !rows.isEmpty else { return [] }
    let shown = rows.count > rowsMax ? rows.prefix(max(0, rowsMax - 1)) : rows[...]
    let cells = shown.map { row in Column.allCases.map { text(row, $0) } }
    let columns = layout(cells, width)
    var lines = [
      paint(line(Column.allCases.map { $0.rawValue.uppercased() }, columns), "1")
    ]
    for (row, cells) in zip(shown, cells) {
      lines.append(paint(line(cells, columns), colour(row)))
    }
    if shown.count < rows.count {
      lines.append(DisplayText.cut("… \(rows.count - shown.count) more", to: width ?? .max))
    }
    return lines
  }

  private func text(_ row: Row, _ column: Column) -> String {
    let alarm = row.entry.alarm
    let text =
      switch column {
      case .severity: alarm.severity.rawValue + (row.isSilenced ? " silenced" : "")
      case .since: TimeSpan.text(milliseconds: nowMs - row.entry.sinceMs)
      case .device: alarm.deviceID ?? "-"
      case .group: alarm.group
      case .rule: alarm.rule
      case .trigger: alarm.trigger
      case .keys: alarm.keys.map { "\($0.name)=\($0.value.text)" }.joined(separator: " ")
      case .message: alarm.message
      }
    return Messages.visible(text)
  }

  /// The columns that are shown and their widths.
  private func layout(_ cells: [[String]], _ width: Int?) -> [(index: Int, width: Int)] {
    var columns = Column.allCases.enumerated().map { index, column in
      let natural = cells.map { DisplayText.width($0[index]) }.reduce(column.rawValue.count, max)
      return (index: index, width: width == nil ? natural : min(natural, column.widthMax))
    }
    guard let width, let message = columns.popLast() else { return columns }
    // A column in which nothing stands says nothing.
    columns.removeAll { column in cells.allSatisfy { $0[column.index].isEmpty } }
    func room() -> Int { width - columns.reduce(0) { $0 + $1.width + Self.gap } }
    for column in Self.dropped where room() < min(message.width, Self.messageMin) {
      columns.removeAll { Column.allCases[$0.index] == column }
    }
    columns.append((message.index, max(0, min(message.width, room()))))
    // Where even that is too much the rightmost columns are cut.
    var left = width
    return columns.compactMap { column in
      guard left > 0 else { return nil }
      let given = min(column.width, left)
      left -= given + Self.gap
      return (column.index, given)
    }
  }

  private func line(_ cells: [String], _ columns: [(index: Int, width: Int)]) -> String {
    var line = ""
    for (place, column) in columns.enumerated() {
      let isLast = place == columns.count - 1
      let cell = cells[column.index]
      line +=
        isLast
        ? DisplayText.cut(cell, to: column.width)
        : DisplayText.fitted(cell, to: column.width) + String(repeating: " ", count: Self.gap)
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  private func colour(_ row: Row) -> String {
    row.isSilenced ? "2" : AlarmLines.colour(of: row.entry.alarm.severity)
  }

  private func paint(_ line: String, _ code: String) -> String {
    hasColour ? "\u{1b}[\(code)m\(line)\u{1b}[0m" : line
  }
}
