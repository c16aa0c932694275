import Healthbot
import KafkaClient
import Transport

/// `alarms`: a table that keeps up, lines for changes, or what there is up to the end.
struct ShowRun {
  let base: AlarmsRun
  let mode: AlarmsPlan.Mode

  var plan: AlarmsPlan { base.plan }
  var messages: Messages { base.messages }

  func run() -> Int32 {
    let feed = base.feed(base.topics)
    let interruption = Interruption()
    let interrupt = feed.interrupt
    let wake = feed.wake
    let isTable = mode == .follow && !plan.all && !plan.json && Terminal.isCapable(1)
    let timeoutMs = plan.timeoutMs
    let watchers: WindowWatchers? = try? Net.wait {
      interruption.watch(interrupt)
      if let timeoutMs { _ = Timer(afterMs: timeoutMs) { interrupt() } }
      return isTable ? WindowWatchers(wake) : nil
    }
    defer {
      try? Net.wait { watchers?.cancel() }
      interruption.end()
    }
    do throws(FeedError) {
      try feed.start()
    } catch {
      if case .interrupted = error, !interruption.isRequested { return timedOut(nil) }
      return base.fail(error)
    }
    defer { feed.close() }
    if feed.topicCount == 0 {
      let names = base.topics.prefixes.map { "\"\($0)\"" }.joined(separator: " or ")
      messages.info(
        1, "no topic begins with \(names)\(mode == .once ? "" : " yet: waiting for one")")
    }
    return isTable
      ? showTable(feed, interruption, watchers) : showLines(feed, interruption)
  }

  // MARK: Lines

  /// Prints changes until an end is wanted, or what there is at the end.
  private func showLines(_ feed: RecordFeed, _ interruption: Interruption) -> Int32 {
    let board = AlarmBoard(plan.matchers, silenceTopic: plan.silenceTopic)
    var output = OutputBuffer(descriptor: 1)
    output.shouldStop = { interruption.isRequested }
    let deadline = RunDeadline(plan.timeoutMs)
    let hasColour = Terminal.hasColour(1)
    let printer = ChangePrinter(plan, hasColour: hasColour)
    var isCaughtUp = false
    var saidForeign = 0
    do throws(OutputError) {
      while true {
        var changes: [AlarmBoard.Change] = []
        let printsChanges = mode != .untilClear && (plan.all || isCaughtUp)
        let step = feed.next(timeoutMs: deadline.leftMs(atMost: 1000)) { record in
          if let change = board.take(record), printsChanges { changes.append(change) }
        }
        for change in changes { try output.append(printer.bytes(of: change)) }
        try output.flush()
        base.say(step, isEnd: mode == .once)
        switch step {
        case .caughtUp:
          isCaughtUp = true
          if !plan.all, mode != .untilClear {
            try output.append(
              mode == .once ? list(board, output.isTerminal) : printer.active(board))
            try output.flush()
          }
        case .interrupted:
          guard interruption.isRequested else { return timedOut(board) }
          return messages.exitStatus
        case .allBrokersDown where mode == .once, .failed where mode == .once:
          return messages.exitStatus
        case .progress, .idle, .allBrokersDown, .failed, .broken: break
        }
        if isCaughtUp, board.foreignCount > 0, saidForeign == 0 {
          saidForeign = board.foreignCount
          say(foreign: board)
        }
        if let trouble = board.patternTrouble {
          messages.fatal(trouble)
          return 1
        }
        guard isCaughtUp else { continue }
        if mode == .once { return messages.exitStatus }
        if mode == .untilClear, board.seen(plan).isEmpty { return 0 }
      }
    } catch {
      switch error {
      case .closed, .stopped: return messages.exitStatus
      case .failed:
        messages.fatal("\(error)")
        return 1
      }
    }
  }

  /// The active alarms, as `--once` prints them.
  private func list(_ board: AlarmBoard, _ isTerminal: Bool) -> [UInt8] {
    if plan.json { return ChangePrinter(plan, hasColour: false).active(board) }
    let view = AlarmTableView(
      rows(board), nowMs: WallClock.nowMs, hasColour: Terminal.hasColour(1))
    let lines = view.lines(width: isTerminal ? AlarmScreen.size().width : nil)
    return Array(lines.map { $0 + "\n" }.joined().utf8)
  }

  /// Says, once, which records are no alarms.
  private func say(foreign board: AlarmBoard) {
    let count = board.foreignCount
    messages.info(
      1,
      "\(count) record\(count == 1 ? " is" : "s are") no alarm\(count == 1 ? "" : "s"): "
        + "\(board.firstForeign ?? "")")
  }

  private func timedOut(_ board: AlarmBoard?) -> Int32 {
    let time = TimeSpan.text(milliseconds: plan.timeoutMs ?? 0)
    let active = board?.seen(plan) ?? []
    if mode == .untilClear, let worst = active.first?.entry.alarm {
      let device = worst.deviceID.map { "\($0) " } ?? ""
      messages.failure(
        "\(active.count) alarm\(active.count == 1 ? " is" : "s are") still active after \(time): "
          + "\(device)\(worst.rule): \(worst.message)")
    } else {
      messages.failure("ERROR: not read within \(time)")
    }
    return 1
  }

  /// The active alarms that are to be seen.
  func rows(_ board: AlarmBoard) -> [AlarmTableView.Row] {
    board.seen(plan).map {
      AlarmTableView.Row(entry: $0.entry, isSilenced: $0.silence != nil)
    }
  }
}
