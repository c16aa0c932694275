import Healthbot
import Transport

/// The ways by HTTP and SMTP.
extension AlarmSender {
  /// Something that was handed to the web lanes.
  struct UnderWay {
    var notification: String
    var entry: SpoolEntry
    /// Its place in the notification's `SpoolRun`; nil for what is new.
    var spoolPlace: Int?
  }

  /// How long what is under way may take after an interrupt, in milliseconds.
  private static let graceMs: Int64 = 10_000

  /// How often outcomes are looked for while input is waited for, in milliseconds.
  static let outcomePollMs: Int64 = 100

  /// Sends an alarm to a webhook, to chat or by mail.
  func post(_ alarm: Alarm, to destination: WebDestination, _ context: String) {
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
    let (name, entry) = (destination.notification, entry(batch, destination.spoolWay))
    if !backlog.isEmpty, backlog.holds(entry, of: name) { return keep(entry, for: name) }
    // A way that is slow must not hold up the others.
    guard spool == nil || web.hasRoom(destination) else {
      if runs[name] == nil { drainsAtMs[name] = drainsAtMs[name] ?? MonotonicClock.nowMs }
      return keep(entry, for: name)
    }
    submit(UnderWay(notification: name, entry: entry), destination, context)
  }

  /// Hands something to the lanes; waits for room where there is none.
  func submit(_ item: UnderWay, _ destination: WebDestination, _ context: String = "") {
    nextWebId += 1
    let message: WebMessage
    do throws(PayloadError) {
      message = try WebMessage(
        id: nextWebId, item.entry.batch, to: destination, template: plan.template,
        nowMs: WallClock.nowMs)
    } catch {
      let refusal = DeliveryRefusal(text: "\(destination): \(error)", mayPass: false)
      return failed(refusal, item, context)
    }
    underWay[nextWebId] = item
    guard
      web.submit(
        message, to: destination, isStopping: { [interruption] in interruption.isRequested })
    else {
      underWay[nextWebId] = nil
      return failed(.interrupted, item, context)
    }
  }

  private func failed(_ refusal: DeliveryRefusal, _ item: UnderWay, _ context: String = "") {
    if let place = item.spoolPlace, let run = runs[item.notification] {
      failed(refusal, run, item.notification, place)
    } else {
      refused(refusal, item.notification, item.entry, context)
    }
  }

  /// Takes what the lanes have done.
  func collectWeb() {
    guard !underWay.isEmpty else { return }
    for outcome in web.takeOutcomes() {
      guard let item = underWay.removeValue(forKey: outcome.id) else { continue }
      guard let failure = outcome.failure else {
        counts[item.notification].delivered += item.entry.batch.count
        if let place = item.spoolPlace { runs[item.notification]?.arrived(place) }
        continue
      }
      failed(DeliveryRefusal(text: "\(failure)", mayPass: failure.isOfChannel), item)
    }
  }

  /// Waits until all that is under way has arrived or failed; after an interrupt not for long.
  func drainWeb() {
    guard !underWay.isEmpty else { return }
    var endMs: Int64?
    _ = web.drain(deadlineMs: .max) { [interruption] in
      guard interruption.isRequested else { return false }
      let nowMs = MonotonicClock.nowMs
      endMs = endMs ?? nowMs + Self.graceMs
      return nowMs >= endMs ?? .max
    }
    collectWeb()
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
