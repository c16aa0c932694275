import Glibc
import Healthbot
import Transport

/// The spool: what was kept is sent first, in its order.
extension AlarmSender {
  /// Between two tries to deliver what is kept while a stream runs, in milliseconds.
  static let drainPauseMs: Int64 = 15_000

  /// How often outcomes are looked for while nothing else is waited for, in milliseconds.
  private static let settlePollMs: Int64 = 5

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

  /// Begins to send what earlier runs have kept; `tendSpool` goes on with it, and `finish`.
  ///
  /// What is new comes behind it, on its own way. `waits` for another process that sends the same.
  func beginSpool(waits: Bool = false) {
    guard let spool else { return }
    do throws(DurableFile.Failure) {
      for name in try spool.notifications() {
        if isInterrupted {
          backlog.holdAll(of: name)
        } else if routes.isKnown(name) {
          begin(name, spool, waits ? Self.turnMs : 0)
        } else {
          say(
            "\(spool.path): notification \(name) is not in the configuration; its alarms stay until it is, or its file is removed"
          )
        }
      }
    } catch { say("\(error)") }
  }

  /// Waits until what is on its way out of the spool is sent or fails, and what was added with it.
  func settleSpool() {
    while !runs.isEmpty || (nextDrainMs <= MonotonicClock.nowMs && !isInterrupted) {
      tendSpool()
      if isInterrupted { drainWeb() }
      if !runs.isEmpty { usleep(UInt32(Self.settlePollMs * 1000)) }
    }
  }

  /// When something is to be tried again, of `MonotonicClock`.
  private var nextDrainMs: Int64 { drainsAtMs.values.min() ?? .max }

  /// When `tendSpool` is to be called again, of `MonotonicClock`.
  var nextTendMs: Int64 {
    runs.isEmpty ? nextDrainMs : MonotonicClock.nowMs + Self.outcomePollMs
  }

  /// Goes on to send what is kept, where it is time, and waits for nothing that is slow.
  func tendSpool() {
    guard let spool else { return }
    let nowMs = MonotonicClock.nowMs
    for (name, atMs) in drainsAtMs where atMs <= nowMs && !isInterrupted {
      begin(name, spool, 0)
    }
    guard !runs.isEmpty else { return }
    for (name, run) in runs { handOver(run, name) }
    // Asked before the failures are taken, which are there by then.
    let settled = lanes.map(\.isSettled)
    collect()
    for (name, run) in runs where run.isDone {
      if run.usesKafka, let lane = routes.cluster(of: name), !settled[lane] {
        // A stream without a pause never lets its cluster settle: now and then it has to wait.
        guard run.isOverdue(nowMs: nowMs) else { continue }
        while !lanes[lane].flush() {}
        collect()
      }
      end(run, name)
    }
  }

  private func begin(_ name: String, _ spool: SpoolFolder, _ waitMs: Int64) {
    drainsAtMs[name] = nil
    // Behind what is in the file, not behind what is read of it.
    writeSpool()
    do throws(DurableFile.Failure) {
      switch try spool.begin(name, waitMs: waitMs) {
      case .nothing: backlog.release(name)
      case .busy:
        messages.info(1, "\(spool.path): another process sends what is kept for \(name)")
        // Nobody knows what is in it: nothing new may overtake it.
        backlog.holdAll(of: name)
        drainsAtMs[name] = MonotonicClock.nowMs + Self.drainPauseMs
      case .turn(let turn):
        if turn.brokenCount > 0 {
          say("\(spool.path): \(turn.brokenCount) lines of \(name) are no alarms; they are gone")
        }
        backlog.release(name)
        backlog.hold(turn.entries, of: name)
        runs[name] = SpoolRun(turn, nowMs: MonotonicClock.nowMs)
      }
    } catch {
      // What cannot be read could not be added to either: better out of order than lost.
      say("\(error)")
      backlog.release(name)
      drainsAtMs[name] = MonotonicClock.nowMs + Self.drainPauseMs
    }
  }

  private func handOver(_ run: SpoolRun, _ name: String) {
    while true {
      let hand = run.hand(nowMs: MonotonicClock.nowMs, isStopping: isInterrupted) { entry in
        routes.webDestination(of: name, by: entry.way).map { web.hasRoom($0) } ?? true
      }
      switch hand {
      case .kafka(let entry): publish(entry, name, run)
      case .web(let entry, let place):
        if let destination = routes.webDestination(of: name, by: entry.way) {
          run.isWithWeb()
          submit(
            UnderWay(notification: name, entry: entry, spoolPlace: place), destination)
        } else {
          run.isNotTaken()
          say("notification \(name) has no \(entry.way.rawValue) in the configuration any more")
        }
      case .later: return
      case .none:
        if run.isToSeal(), let lane = routes.cluster(of: name) { lanes[lane].seal() }
        return
      }
    }
  }

  private func publish(_ entry: SpoolEntry, _ name: String, _ run: SpoolRun) {
    guard let lane = routes.cluster(of: name).map({ lanes[$0] }), let topic = entry.topic,
      let alarm = entry.batch.kept.first
    else {
      run.isNotTaken()
      return say("notification \(name) has no kafka-publish in the configuration any more")
    }
    let line = AlarmLine.bytes(of: alarm)
    do throws(DeliveryRefusal) {
      let key = entry.hasKey ? AlarmIdentity(of: alarm).bytes : nil
      try lane.publish(line, key: key, to: topic, for: name)
      counts[name].taken += 1
      run.isWithKafka(topic, line)
    } catch {
      failed(error, run, name, run.last)
    }
  }

  /// Whether a record that was given up is one of the spool; then it is done with.
  func takesBack(_ failure: KafkaLane.Failure, lane: Int) -> Bool {
    for (name, run) in runs where routes.cluster(of: name) == lane {
      guard let place = run.place(failure.topic, failure.line) else { continue }
      counts[name].taken -= 1
      failed(failure.refusal, run, name, place)
      return true
    }
    return false
  }

  /// An entry of the spool was not delivered: it stays, unless no other time will do.
  func failed(_ refusal: DeliveryRefusal, _ run: SpoolRun, _ name: String, _ place: Int) {
    if !refusal.isInterruption { say(refusal.text) }
    if !refusal.mayPass { counts[name].failed += run.turn.entries[place].batch.count }
    run.failed(place, stays: refusal.mayPass)
  }

  private func end(_ run: SpoolRun, _ name: String) {
    guard let spool else { return }
    runs[name] = nil
    let rest = run.rest
    let hasMore = backlog.endRun(of: name, keeping: rest)
    do throws(DurableFile.Failure) { try spool.end(run.turn, keeping: rest) } catch {
      // What was delivered is still there; the next try would deliver it twice.
      say("\(error)")
    }
    let went = Self.alarmCount(run.turn.entries[...]) - Self.alarmCount(rest[...])
    counts[name].kept = max(0, counts[name].kept - went)
    if run.hasFailed || (isInterrupted && !rest.isEmpty) {
      say("notification \(name): \(rest.count) alarms stay in the spool")
    }
    if !rest.isEmpty || hasMore {
      drainsAtMs[name] = MonotonicClock.nowMs + (run.hasFailed ? Self.drainPauseMs : 0)
    }
  }
}
