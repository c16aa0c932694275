import Healthbot

/// Prints what alarms do, a line for each change.
struct ChangePrinter {
  private let plan: AlarmsPlan
  private let hasColour: Bool

  init(_ plan: AlarmsPlan, hasColour: Bool) {
    self.plan = plan
    self.hasColour = hasColour
  }

  /// The line of a change; empty where it is not to be seen.
  ///
  /// What is only said again, and an alarm that is silenced, is seen where that was asked for.
  func bytes(of change: AlarmBoard.Change) -> [UInt8] {
    guard plan.all || change.kind != .repeated, plan.showsSilenced || change.silence == nil else {
      return []
    }
    return line(
      change.entry, event: change.kind.rawValue, atMs: change.entry.place.timestampMs,
      change.silence)
  }

  /// A line for each active alarm, the latest last, as changes go on behind it.
  func active(_ board: AlarmBoard) -> [UInt8] {
    let active = board.seen(plan)
    let shown = plan.action == .show(.once) ? active : active.reversed()
    return shown.flatMap {
      line($0.entry, event: "active", atMs: $0.entry.sinceMs, $0.silence)
    }
  }

  private func line(
    _ entry: AlarmTable.Entry, event: String, atMs: Int64, _ silence: Silence?
  ) -> [UInt8] {
    plan.json
      ? AlarmLines.json(entry, event: event, silencedBy: silence) + [UInt8(ascii: "\n")]
      : Array(
        (AlarmLines.text(entry, atMs: atMs, silencedBy: silence, hasColour: hasColour) + "\n")
          .utf8)
  }
}
