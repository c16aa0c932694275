import Healthbot
import Transport

/// The spool: what was kept is sent first, in its order.
extension AlarmSender {
  /// Between two tries to deliver what is kept while a stream runs, in milliseconds.
  static let drainPauseMs: Int64 = 15_000

  /// How long another process that delivers the same is waited for, in milliseconds.
  private static let turnMs: Int64 = 10_000

  /// Writes what is to be kept.
  func writeSpool() {
    guard let spool else { return }
    for (name, entries) in toKeep.sorted(by: { $0.key < $1.key }) {
      var count = 0
      do throws(DurableFile.Failure) {
        count = try spool.keep(entries, for: name)
        if count < entries.count {
          say(
            "notification \(name): the spool is full (\(SpoolFolder.bytesMax >> 20) MiB); "
              + "\(entries.count - count) alarms are not kept")
        }
      } catch {
        say("notification \(name): \(entries.count) alarms are not kept: \(error)")
      }
      counts[name].kept += Self.alarmCount(entries.prefix(count))
      counts[name].failed += Self.alarmCount(entries.dropFirst(count))
      for entry in entries.dropFirst(count) {
        for alarm in entry.batch.kept { memory?.failed(AlarmIdentity(of: alarm)) }
      }
    }
    toKeep = [:]
    toKeepCount = 0
  }

  private static func alarmCount(_ entries: ArraySlice<SpoolEntry>) -> Int {
    entries.reduce(0) { $0 + $1.batch.count }
  }

  /// Sends what earlier runs, or this one, have kept; what cannot be sent stays.
  func drainSpool() {
    guard let spool else { return }
    nextDrainMs = .max
    backlog = []
    do throws(DurableFile.Failure) {
      for name in try spool.notifications() where !isInterrupted {
        guard let deliver = delivery(of: name) else {
          say("\(spool.path): notification \(name) is not in the configuration; its alarms stay")
          continue
        }
        var stays: [SpoolEntry] = []
        let drained = try spool.drain(name, waitMs: Self.turnMs) { entries in
          stays = deliver(entries)
          return stays
        }
        switch drained {
        case .busy:
          messages.info(1, "\(spool.path): another process sends what is kept for \(name)")
        case .done(let broken):
          if broken > 0 {
            say("\(spool.path): \(broken) lines of \(name) are no alarms; they are gone")
          }
        }
        for entry in stays {
          backlog.insert(BacklogKey(notification: name, way: entry.way, topic: entry.topic))
        }
        if !stays.isEmpty {
          say("notification \(name): \(stays.count) alarms stay in the spool")
          nextDrainMs = MonotonicClock.nowMs + Self.drainPauseMs
        }
      }
    } catch { say("\(error)") }
  }

  /// What delivers the entries of a notification and answers those that are to stay; nil where nothing does.
  private func delivery(of name: String) -> (([SpoolEntry]) -> [SpoolEntry])? {
    guard routes.isKnown(name) else { return nil }
    return { [self] entries in
      let lane = routes.cluster(of: name).map { lanes[$0] }
      let isKafka = entries.map { $0.way == .kafka }
      let kafka = zip(entries, isKafka).filter(\.1).map(\.0)
      let web = zip(entries, isKafka).filter { !$0.1 }.map(\.0)
      return (lane.map { publish(kafka, $0) } ?? kafka) + post(web, of: name)
    }
  }

  private func publish(_ entries: [SpoolEntry], _ lane: KafkaLane) -> [SpoolEntry] {
    guard !entries.isEmpty else { return [] }
    lane.forgetRefusals()
    var stays = [Bool](repeating: false, count: entries.count)
    /// By topic and line, since that is what comes back.
    var places: [[UInt8]: [Int]] = [:]
    for (place, entry) in entries.enumerated() {
      guard let alarm = entry.batch.kept.first, let topic = entry.topic else { continue }
      let line = AlarmLine.bytes(of: alarm)
      do throws(DeliveryRefusal) {
        try lane.publish(line, key: entry.hasKey ? AlarmIdentity(of: alarm).bytes : nil, to: topic)
        places[Array(topic.utf8) + line, default: []].append(place)
      } catch {
        stays[place] = !dropsForGood(error, lane.name, entry)
      }
    }
    while !lane.flush() {}
    for failure in lane.takeFailures(messages) {
      let key = Array(failure.topic.utf8) + failure.line
      guard let place = places[key]?.popLast() else { continue }
      stays[place] = !dropsForGood(failure.refusal, lane.name, entries[place])
    }
    return zip(entries, stays).filter(\.1).map(\.0)
  }

  /// Says a refusal; true where no other time will do, so that the entry does not stay.
  func dropsForGood(_ refusal: DeliveryRefusal, _ name: String, _ entry: SpoolEntry) -> Bool {
    if !refusal.isInterruption { say(refusal.text) }
    if !refusal.mayPass { counts[name].failed += entry.batch.count }
    return !refusal.mayPass
  }
}
