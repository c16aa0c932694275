import Healthbot
import KafkaClient
import Transport

/// `alarms --check`: reads all that is there and tells in one line and an exit code how bad it is.
struct CheckRun {
  let base: AlarmsRun

  func run() -> Int32 {
    let verdict = verdict()
    let isWritten = StandardOutput.write(base.messages) { _ in Array((verdict.line + "\n").utf8) }
    return isWritten ? verdict.state.rawValue : AlarmVerdict.State.unknown.rawValue
  }

  private func verdict() -> AlarmVerdict {
    let feed = base.feed(base.topics)
    let deadline = RunDeadline(base.plan.timeoutMs)
    let timeoutMs = base.plan.timeoutMs ?? AlarmsPlan.checkTimeoutMs
    let interruption = Interruption()
    defer { interruption.end() }
    let interrupt = feed.interrupt
    try? Net.wait {
      interruption.watch(interrupt)
      // The start may take longer than all of it.
      _ = Timer(afterMs: timeoutMs) { interrupt() }
    }
    func interrupted() -> AlarmVerdict {
      AlarmVerdict(
        unknown: interruption.isRequested
          ? "interrupted" : "not read within \(TimeSpan.text(milliseconds: timeoutMs))")
    }
    do throws(FeedError) {
      try feed.start()
    } catch {
      if case .interrupted = error { return interrupted() }
      return AlarmVerdict(unknown: ([error.text] + error.details).joined(separator: "; "))
    }
    defer { feed.close() }
    guard feed.topicCount > 0 else {
      let names = base.topics.prefixes.map { "\"\($0)\"" }.joined(separator: " or ")
      return AlarmVerdict(unknown: "no topic begins with \(names)")
    }
    let board = AlarmBoard(base.plan.matchers, silenceTopic: base.plan.silenceTopic)
    while true {
      switch feed.next(timeoutMs: deadline.leftMs(atMost: 1000), { _ = board.take($0) }) {
      case .caughtUp: return verdict(board)
      case .idle, .progress: if deadline.isOver { return interrupted() }
      case .interrupted: return interrupted()
      case .allBrokersDown(let error):
        return AlarmVerdict(
          unknown: (["\(error)"] + error.details).joined(separator: "; "))
      case .failed(let what, let error): return AlarmVerdict(unknown: "Topic \(what): \(error)")
      case .broken(let partition, let error):
        return AlarmVerdict(unknown: "Topic \(partition): \(error)")
      }
    }
  }

  private func verdict(_ board: AlarmBoard) -> AlarmVerdict {
    if let trouble = board.patternTrouble { return AlarmVerdict(unknown: trouble) }
    if board.alarmCount == 0, let foreign = board.firstForeign {
      return AlarmVerdict(
        unknown: "none of \(board.foreignCount) records is an alarm; the first is \(foreign)")
    }
    let seen = board.seen(base.plan)
    return AlarmVerdict(
      seen.map(\.entry), silencedCount: board.active().count - seen.count)
  }
}
