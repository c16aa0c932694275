import Healthbot
import KafkaClient
import KafkaProtocol
import Transport

/// The silences that a compacted topic holds, read to its end and then kept up with; a topic that is not
/// there is looked for now and again.
///
/// For the main thread. `load` comes first; whoever publishes then calls `refresh` now and again, which
/// does not wait, and asks `isSilenced`.
final class SilenceReader {
  /// The silences as far as they are read.
  private(set) var silences = Silences()
  /// How many records are no silences, and where and why the first one is not.
  private(set) var foreignCount = 0
  private(set) var firstForeign: String?
  private let feed: RecordFeed
  private let patterns = RulePatterns()
  private var isStarted = false

  /// Makes a reader; nothing is dialled yet.
  init(
    topic: String, _ setup: ClientSetup, client: ClientConfiguration,
    configuration: ConsumerConfiguration
  ) {
    feed = RecordFeed(
      FeedTopics(optional: [topic]), setup, client: client, configuration: configuration)
  }

  /// Ends a `load` that waits; for any thread, such as a signal's watcher.
  var interrupt: @Sendable () -> Void { feed.interrupt }

  /// Reads to the end of the topic; at most `timeoutMs` milliseconds after the cluster has answered.
  ///
  /// - Throws: `FeedError` where it cannot be read to its end.
  func load(timeoutMs: Int64) throws(FeedError) {
    try feed.start()
    isStarted = true
    let deadline = RunDeadline(timeoutMs)
    while true {
      switch step(waitMs: deadline.leftMs(atMost: 1000)) {
      case .caughtUp: return
      case .interrupted: throw .interrupted
      case .failed(_, let error), .allBrokersDown(let error): throw .start(error)
      case .broken(let partition, _): throw .topic(partition.topic, .corruptMessage)
      case .progress, .idle:
        if deadline.isOver {
          throw .start(.timedOut(what: "the topic of silences", afterMs: timeoutMs))
        }
      }
    }
  }

  /// Takes what has come since, and does not wait; where nothing can be read, what is known holds on.
  func refresh() {
    guard isStarted else { return }
    while true {
      switch step(waitMs: 0) {
      case .idle, .interrupted: return
      case .progress, .caughtUp, .failed, .broken, .allBrokersDown: continue
      }
    }
  }

  /// The silence that keeps an alarm quiet now; nil where none does.
  func silence(of alarm: Alarm) -> Silence? {
    guard !silences.isEmpty else { return nil }
    return silences.silence(of: alarm, nowMs: WallClock.nowMs, search: patterns.searching)
  }

  /// Whether an alarm is kept quiet now.
  func isSilenced(_ alarm: Alarm) -> Bool { silence(of: alarm) != nil }

  /// Ends reading.
  func close() { feed.close() }

  private func step(waitMs: Int64) -> RecordFeed.Step {
    feed.next(timeoutMs: waitMs) { record in
      do throws(SilenceError) {
        guard let key = record.key else { throw SilenceError(reason: "its record has no key") }
        try silences.apply(key: key, value: record.value)
      } catch {
        foreignCount += 1
        firstForeign =
          firstForeign
          ?? "\(record.topic) [\(record.partition)] at offset \(record.offset): \(error)"
      }
    }
  }
}
