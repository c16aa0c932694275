import Glibc
import Healthbot
import KafkaClient
import Transport

/// The table in a terminal.
extension ShowRun {
  /// How often the table is drawn where nothing changes, for the sake of the ages, in milliseconds.
  private static let redrawMs: Int64 = 1000
  /// The shortest time between two drawings, in milliseconds.
  private static let redrawMinMs: Int64 = 100
  /// How often keys are looked for, in milliseconds.
  private static let keyMs: Int64 = 200

  /// Shows the table until an end is wanted.
  func showTable(
    _ feed: RecordFeed, _ interruption: Interruption, _ watchers: WindowWatchers?
  ) -> Int32 {
    let board = AlarmBoard(plan.matchers, silenceTopic: plan.silenceTopic)
    var screen = AlarmScreen(shouldStop: { interruption.isRequested })
    // Lines on stderr would stand in the table; what matters is in its heading.
    let verbosity = messages.verbosity
    messages.verbosity = 0
    defer { messages.verbosity = verbosity }
    var trouble: String?
    var drawnMs: Int64 = 0
    var isCaughtUp = false
    var isWanted = true
    while true {
      let sinceMs = MonotonicClock.nowMs - drawnMs
      let dueInMs = (isWanted ? Self.redrawMinMs : Self.redrawMs) - sinceMs
      let waitMs = min(Self.keyMs, max(0, dueInMs))
      let step = feed.next(timeoutMs: waitMs) { _ = board.take($0) }
      switch step {
      case .interrupted:
        screen.restore()
        return 0
      case .caughtUp: isCaughtUp = true
      case .progress:
        isWanted = true
        trouble = nil
      case .allBrokersDown(let error): trouble = "\(error)"
      case .failed(let what, let error): trouble = "\(what): \(error)"
      case .broken(let partition, let error): trouble = "\(partition): \(error)"
      case .idle: break
      }
      if screen.wantsEnd() {
        screen.restore()
        return 0
      }
      if watchers?.takeStop() == true {
        screen.restore()
        _ = kill(getpid(), SIGSTOP)
        isWanted = true
      }
      let dueMs = isWanted ? Self.redrawMinMs : Self.redrawMs
      guard MonotonicClock.nowMs - drawnMs >= dueMs else { continue }
      drawnMs = MonotonicClock.nowMs
      isWanted = false
      let size = AlarmScreen.size()
      let notes = [isCaughtUp ? nil : "reading", board.patternTrouble, trouble].compactMap { $0 }
      do throws(OutputError) {
        try screen.draw(lines(board, notes, size), height: size.height)
      } catch {
        screen.restore()
        guard case .failed = error else { return messages.exitStatus }
        messages.fatal("\(error)")
        return 1
      }
    }
  }

  private func lines(_ board: AlarmBoard, _ notes: [String], _ size: (width: Int, height: Int))
    -> [String]
  {
    let active = board.active()
    let loud = active.filter { $0.silence == nil }
    let major = loud.count { $0.entry.alarm.severity == .major }
    var heading = [
      plan.matchers.group ?? plan.topics.joined(separator: ","), "\(major) major",
      "\(loud.count - major) minor", "\(active.count - loud.count) silenced",
      WallClock.date(WallClock.nowMs / 1000),
    ]
    if board.foreignCount > 0 { heading.append("\(board.foreignCount) records are no alarms") }
    heading += notes
    let view = AlarmTableView(
      rows(board), nowMs: WallClock.nowMs, hasColour: Terminal.hasColour(1))
    var lines = [
      DisplayText.cut(Messages.visible(heading.joined(separator: "  ")), to: size.width), "",
    ]
    lines += view.lines(width: size.width, rowsMax: max(1, size.height - 3))
    if active.isEmpty { lines.append("no active alarms") }
    return lines
  }
}
