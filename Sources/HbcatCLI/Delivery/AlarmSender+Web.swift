import Healthbot
import Transport

/// The ways by HTTP and SMTP.
extension AlarmSender {
  /// Something that was handed to the web lanes.
  struct UnderWay {
    var notification: String
    var entry: SpoolEntry
    /// Its place among the entries of the spool that are sent now; nil for what is new.
    var spoolPlace: Int?
  }

  /// How long what is under way may take after an interrupt, in milliseconds.
  private static let graceMs: Int64 = 10_000

  /// How often outcomes are looked for while input is waited for, in milliseconds.
  static let outcomePollMs: Int64 = 100

  /// Sends an alarm to a webhook, to chat or by mail.
  func post(_ alarm: Alarm, to destination: WebDestination, _ context: String) {
    let name = destination.notification
    let key = BacklogKey(notification: name, way: destination.spoolWay, topic: nil)
    if backlog.contains(key) {
      return keep(entry(AlarmBatch(alarm), destination.spoolWay), for: name)
    }
    if groupWait != nil, destination.isForPeople {
      let lane = "\(destination)"
      groupedDestinations[lane] = destination
      groupWait?.add(alarm, to: lane, nowMs: MonotonicClock.nowMs)
      postGroups()
    } else {
      post(AlarmBatch(alarm), to: destination, context)
    }
  }

  /// Sends the groups whose time has come, or all.
  func postGroups(all: Bool = false) {
    guard groupWait != nil else { return }
    let due =
      (all ? groupWait?.all() : groupWait?.due(nowMs: MonotonicClock.nowMs)) ?? []
    for (key, batch) in due {
      guard let destination = groupedDestinations[key.notification] else { continue }
      post(batch, to: destination)
    }
  }

  private func entry(_ batch: AlarmBatch, _ way: SpoolEntry.Way) -> SpoolEntry {
    SpoolEntry(way, batch, timeMs: WallClock.nowMs)
  }

  private func post(_ batch: AlarmBatch, to destination: WebDestination, _ context: String = "") {
    let entry = entry(batch, destination.spoolWay)
    submit(UnderWay(notification: destination.notification, entry: entry), destination, context)
  }

  private func submit(
    _ item: UnderWay, _ destination: WebDestination, _ context: String = ""
  ) {
    nextWebId += 1
    let message: WebMessage
    do throws(PayloadError) {
      message = try WebMessage(
        id: nextWebId, item.entry.batch, to: destination, template: plan.template,
        nowMs: WallClock.nowMs)
    } catch {
      let refusal = DeliveryRefusal(text: "\(destination): \(error)", mayPass: false)
      return refused(refusal, item.notification, item.entry, context)
    }
    underWay[nextWebId] = item
    guard
      web.submit(
        message, to: destination, isStopping: { [interruption] in interruption.isRequested })
    else {
      underWay[nextWebId] = nil
      return refused(
        .interrupted, item.notification, item.entry)
    }
  }

  /// Takes what the lanes have done; answers the places in the spool of what is to stay there.
  @discardableResult
  func collectWeb() -> Set<Int> {
    var stays: Set<Int> = []
    guard !underWay.isEmpty else { return stays }
    for outcome in web.takeOutcomes() {
      guard let item = underWay.removeValue(forKey: outcome.id) else { continue }
      guard let failure = outcome.failure else {
        counts[item.notification].delivered += item.entry.batch.count
        continue
      }
      let refusal = DeliveryRefusal(text: "\(failure)", mayPass: failure.isOfChannel)
      if let place = item.spoolPlace {
        if !dropsForGood(refusal, item.notification, item.entry) { stays.insert(place) }
      } else {
        refused(refusal, item.notification, item.entry)
      }
    }
    return stays
  }

  /// Waits until all that is under way has arrived or failed; after an interrupt not for long.
  @discardableResult
  func drainWeb() -> Set<Int> {
    guard !underWay.isEmpty else { return [] }
    var endMs: Int64?
    _ = web.drain(deadlineMs: .max) { [interruption] in
      guard interruption.isRequested else { return false }
      let nowMs = MonotonicClock.nowMs
      endMs = endMs ?? nowMs + Self.graceMs
      return nowMs >= endMs ?? .max
    }
    return collectWeb()
  }

  /// Sends entries of the spool that go by the web; answers those that are to stay.
  func post(_ entries: [SpoolEntry], of name: String) -> [SpoolEntry] {
    guard !entries.isEmpty else { return [] }
    // What is new and under way comes first, so that the places below are the spool's alone.
    drainWeb()
    var stays: Set<Int> = []
    for (place, entry) in entries.enumerated() {
      guard let destination = routes.webDestination(of: name, by: entry.way) else {
        say("notification \(name) has no \(entry.way.rawValue) in the configuration any more")
        stays.insert(place)
        continue
      }
      submit(UnderWay(notification: name, entry: entry, spoolPlace: place), destination)
      stays.formUnion(collectWeb())
    }
    stays.formUnion(drainWeb())
    return entries.enumerated().filter { stays.contains($0.offset) }.map(\.element)
  }
}

extension WebDestination {
  /// Whether people read it, so that a storm is summed up.
  var isForPeople: Bool {
    if case .webhook = way { return false }
    return true
  }

  /// What a spool calls it.
  var spoolWay: SpoolEntry.Way {
    switch way {
    case .webhook: .webhook
    case .slack: .slack
    case .teams: .teams
    case .mail: .mail
    }
  }
}
