import Healthbot
import KafkaClient
import Transport

/// Carries out an `AlarmsPlan`.
struct AlarmsRun {
  let plan: AlarmsPlan
  let client: ClientConfiguration
  let consumer: ConsumerConfiguration
  let producer: ProducerConfiguration
  let messages: Messages

  var setup: ClientSetup { ClientSetup(plan: plan.client, messages: messages) }

  func run() -> Int32 {
    switch plan.action {
    case .show(.check): CheckRun(base: self).run()
    case .show(let mode): ShowRun(base: self, mode: mode).run()
    case .addSilence(let fields): SilenceRun(base: self).add(fields)
    case .listSilences: SilenceRun(base: self).list()
    case .expireSilences(let ids): SilenceRun(base: self).expire(ids)
    case .heartbeat(let fields): HeartbeatRun(base: self, fields: fields).run()
    }
  }

  /// The alarms' topics, and the silences'.
  var topics: FeedTopics {
    var topics = FeedTopics(named: plan.topics, optional: [plan.silenceTopic])
    if plan.topics.isEmpty, let group = plan.matchers.group {
      topics.prefixes = FeedTopics.prefixes(ofGroup: group)
    }
    if let sinceMs = plan.sinceMs { topics.start = .timestamp(WallClock.nowMs - sinceMs) }
    return topics
  }

  func feed(_ topics: FeedTopics) -> RecordFeed {
    RecordFeed(topics, setup, client: client, configuration: consumer)
  }

  /// Says why a feed ends; the answer is the exit code.
  func fail(_ error: FeedError) -> Int32 {
    if case .interrupted = error { return messages.exitStatus }
    sayDetails(error.details)
    messages.fatal(error.text)
    return 1
  }

  /// Says what lies behind an error, unless the user wants quiet.
  func sayDetails(_ lines: [String]) {
    guard messages.verbosity > 0 else { return }
    for line in lines { setup.log(ClientLog(.error, "FAIL", line)) }
  }

  /// Says what a step tells of trouble, and whether it is the end.
  func say(_ step: RecordFeed.Step, isEnd: Bool) {
    switch step {
    case .allBrokersDown(let error): _ = messages.allBrokersDown(error, keepGoing: !isEnd)
    case .failed(let what, let error): messages.failure("ERROR: Topic \(what) error: \(error)")
    case .broken(let partition, let error):
      messages.failure("ERROR: Topic \(partition) error: \(error)")
    case .progress, .caughtUp, .idle, .interrupted: break
    }
  }
}

extension AlarmsPlan {
  /// The exit code of what failed.
  var failureStatus: Int32 {
    action == .show(.check) ? AlarmVerdict.State.unknown.rawValue : 1
  }
}

/// When a run has to be over.
struct RunDeadline {
  private let atMs: Int64?

  /// In so many milliseconds from now; nil for never.
  init(_ timeoutMs: Int64?) { atMs = timeoutMs.map { MonotonicClock.nowMs + $0 } }

  var isOver: Bool { atMs.map { MonotonicClock.nowMs >= $0 } ?? false }

  /// The time until then, in milliseconds, but not more than `mostMs`.
  func leftMs(atMost mostMs: Int64) -> Int64 {
    guard let atMs else { return mostMs }
    return min(mostMs, max(0, atMs - MonotonicClock.nowMs))
  }
}
