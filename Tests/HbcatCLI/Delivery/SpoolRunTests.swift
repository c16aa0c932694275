import Healthbot
import TestSupport
import Testing

@testable import HbcatCLI

private func entry(_ message: String, _ way: SpoolEntry.Way) -> SpoolEntry {
  let alarm = Alarm(
    deviceID: "d", group: "g", message: message, rule: "r", severity: .major, topic: "t",
    trigger: "x")
  return SpoolEntry(way, AlarmBatch(alarm), topic: way == .kafka ? "k" : nil, timeMs: 1)
}

@Suite struct SpoolRunTests {
  private func run(_ entries: [SpoolEntry]) throws -> SpoolRun {
    let folder = try SpoolFolder(Places.temporaryFolder())
    _ = try folder.keep(entries, for: "n")
    guard case .turn(let turn) = try folder.begin("n", waitMs: 0) else {
      throw DurableFile.Failure(path: folder.path, what: "begin", code: 1)
    }
    return SpoolRun(turn, nowMs: 0)
  }

  @Test func `a slow chat gets only so much that what it was sent is written soon`() throws {
    let entries = (0..<100).map { entry("\($0)", .slack) } + [entry("k", .kafka)]
    let run = try run(entries)
    var places: [Int] = []
    while case .web(_, let place) = run.hand(nowMs: 0, isStopping: false, hasRoom: { _ in true }) {
      run.isWithWeb()
      places.append(place)
    }
    #expect(places.count == 50)
    for place in places.dropLast() { run.arrived(place) }
    #expect(!run.isDone)
    // Its time is over: Kafka's entry goes, the others stay for the next turn.
    guard case .kafka(let last) = run.hand(nowMs: 20_000, isStopping: false, hasRoom: { _ in true })
    else {
      Issue.record("Kafka's entry is not handed over")
      return
    }
    #expect(last == entries.last)
    run.isWithKafka("k", [1])
    #expect(run.place("k", [1]) == 100)
    run.failed(49, stays: true)
    #expect(run.isDone && run.hasFailed)
    #expect(run.rest == Array(entries[49..<100]))
    #expect(!run.isOverdue(nowMs: 20_000) && run.isOverdue(nowMs: 60_000))
  }

  @Test func `after an interrupt all that was not handed over stays`() throws {
    let entries = [entry("1", .kafka), entry("2", .webhook), entry("3", .kafka)]
    let run = try run(entries)
    guard case .none = run.hand(nowMs: 0, isStopping: true, hasRoom: { _ in true }) else {
      Issue.record("something is handed over")
      return
    }
    #expect(run.isDone && !run.hasFailed)
    #expect(run.rest == entries)
  }
}
