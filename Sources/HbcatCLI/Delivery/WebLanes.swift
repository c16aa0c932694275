import Healthbot
import Synchronization
import Transport

/// Delivers messages on a few threads of its own: per destination in their order, none waiting for another.
///
/// Confined to the thread that made it, which has to take the outcomes now and then. Threads begin with
/// the first message.
final class WebLanes {
  /// How often it is looked whether the user wants an end, in milliseconds.
  private static let pollMs: Int64 = 50
  /// How long a thread that has nothing to do sleeps at most, in milliseconds.
  private static let idleMs: Int64 = 3_600_000

  /// A destination's connection, which one thread at a time uses.
  private final class Channel: Sendable {
    let destination: WebDestination
    let web: Mutex<WebChannel>

    init(_ destination: WebDestination, _ settings: WebSettings) {
      self.destination = destination
      web = Mutex(WebChannel(destination, settings))
    }
  }

  private struct State {
    var lanes: DeliveryLanes<WebMessage>
    /// By lane.
    var channels: [Channel] = []
    /// A way to wake each thread.
    var inboxes: [Handover<Void>] = []
    /// The threads that sleep.
    var idle: [Int] = []
    var isClosed = false
    /// The submitter wants to know when something is finished.
    var isAwaited = false
  }

  private final class Shared: Sendable {
    let state: Mutex<State>
    let finished = Handover<Void>()
    /// Attempts under way are to end.
    let isStopping = Atomic(false)

    init(_ policy: DeliveryPolicy) { state = Mutex(State(lanes: DeliveryLanes(policy: policy))) }
  }

  private let settings: WebSettings
  private let shared: Shared
  private var numbers: [WebDestination: Int] = [:]

  init(_ settings: WebSettings) {
    self.settings = settings
    shared = Shared(settings.policy)
  }

  deinit { close() }

  // MARK: The submitter's side

  /// How a destination is: where it is `.due`, the next message is the one that is tried.
  func health(_ destination: WebDestination) -> DeliveryLanes<WebMessage>.Health {
    let lane = lane(of: destination)
    return shared.state.withLock { $0.lanes.health(lane, nowMs: MonotonicClock.nowMs) }
  }

  /// Whether a message for a destination is taken without a wait.
  func hasRoom(_ destination: WebDestination) -> Bool {
    let lane = lane(of: destination)
    return shared.state.withLock { $0.lanes.hasRoom(lane) }
  }

  /// Takes over a message, behind all others for its destination.
  ///
  /// Waits while the destination has as many as may be held (`DeliveryLanes.countMax`); false where
  /// `isStopping` ended that, and the message is not taken.
  func submit(
    _ message: WebMessage, to destination: WebDestination, isStopping: () -> Bool = { false }
  ) -> Bool {
    let lane = lane(of: destination)
    while true {
      let (isTaken, inbox) = shared.state.withLock { state -> (Bool, Handover<Void>?) in
        guard state.lanes.hasRoom(lane) else {
          state.isAwaited = true
          return (false, nil)
        }
        state.lanes.submit(
          message, byteCount: message.byteCount, to: lane, nowMs: MonotonicClock.nowMs)
        return (true, state.lanes.count(lane) > 0 ? thread(&state) : nil)
      }
      inbox?.push(())
      if isTaken { return true }
      if isStopping() { return false }
      _ = shared.finished.take(timeoutMs: Self.pollMs)
    }
  }

  /// What became of messages since it was last asked: each comes once, a destination's in their order.
  func takeOutcomes() -> [WebOutcome] {
    shared.state.withLock { state in
      state.lanes.takeOutcomes().map { outcome in
        WebOutcome(
          id: outcome.message.id, destination: state.channels[outcome.lane].destination,
          failure: outcome.failure)
      }
    }
  }

  /// Waits until every message has its outcome.
  ///
  /// At `deadlineMs` (of `MonotonicClock`), or where `isStopping` is true, attempts under way are ended
  /// within about a second, and what is left fails; false then.
  func drain(deadlineMs: Int64, isStopping: () -> Bool = { false }) -> Bool {
    while true {
      if wait(abandons: false) { return true }
      let leftMs = deadlineMs - MonotonicClock.nowMs
      if leftMs <= 0 || isStopping() { break }
      _ = shared.finished.take(timeoutMs: min(leftMs, Self.pollMs))
    }
    shared.isStopping.store(true, ordering: .releasing)
    while !wait(abandons: true) { _ = shared.finished.take(timeoutMs: Self.pollMs) }
    shared.isStopping.store(false, ordering: .releasing)
    return false
  }

  /// Ends the threads once they have nothing under way; what was not drained stays undelivered.
  func close() {
    shared.isStopping.store(true, ordering: .releasing)
    let inboxes = shared.state.withLock { state in
      state.isClosed = true
      return state.inboxes
    }
    for inbox in inboxes { inbox.close() }
  }

  /// Whether all is done; otherwise `finished` tells when to ask again.
  private func wait(abandons: Bool) -> Bool {
    shared.state.withLock { state in
      if abandons { state.lanes.abandon() }
      state.isAwaited = !state.lanes.isEmpty
      return !state.isAwaited
    }
  }

  private func lane(of destination: WebDestination) -> Int {
    if let lane = numbers[destination] { return lane }
    let channel = Channel(destination, settings)
    let rate = destination.isChat ? settings.chatRate : nil
    let lane = shared.state.withLock { state in
      state.channels.append(channel)
      return state.lanes.add("\(destination)", rate: rate)
    }
    numbers[destination] = lane
    return lane
  }

  /// A thread for what has come: one that sleeps, or another one; nil where all are busy, as they look for
  /// more when they are done.
  private func thread(_ state: inout State) -> Handover<Void>? {
    if let number = state.idle.popLast() { return state.inboxes[number] }
    guard state.inboxes.count < max(1, settings.workersMax), !state.isClosed else { return nil }
    let inbox = Handover<Void>()
    let number = state.inboxes.count
    state.inboxes.append(inbox)
    WorkerThread.start { [shared] in Self.work(number, inbox, shared) }
    return nil
  }

  // MARK: A thread's side

  private enum Step: Sendable {
    case attempt(DeliveryLanes<WebMessage>.Attempt, Channel, other: Handover<Void>?)
    case sleep(ms: Int64)
    case end
  }

  private static func work(_ number: Int, _ inbox: Handover<Void>, _ shared: Shared) {
    while true {
      switch step(number, shared) {
      case .end: return
      case .sleep(let ms): _ = inbox.take(timeoutMs: ms)
      case .attempt(let attempt, let channel, let other):
        // Another sleeper looks what is due next, and when: this thread will be away.
        other?.push(())
        let outcome = channel.web.withLock { web in
          web.attempt(attempt.message.payload) { shared.isStopping.load(ordering: .acquiring) }
        }
        let jitter = Double.random(in: 0...1)
        let isAwaited = shared.state.withLock { state in
          state.lanes.finished(
            attempt.lane, outcome, nowMs: MonotonicClock.nowMs, jitter: jitter)
          defer { state.isAwaited = false }
          return state.isAwaited
        }
        if isAwaited { shared.finished.push(()) }
      }
    }
  }

  private static func step(_ number: Int, _ shared: Shared) -> Step {
    shared.state.withLock { state in
      state.idle.removeAll { $0 == number }
      if state.isClosed { return .end }
      // What is left is abandoned by the submitter.
      let isStopping = shared.isStopping.load(ordering: .acquiring)
      let next = isStopping ? .idle : state.lanes.next(nowMs: MonotonicClock.nowMs)
      switch next {
      case .attempt(let attempt):
        let other = state.idle.popLast().map { state.inboxes[$0] }
        return .attempt(attempt, state.channels[attempt.lane], other: other)
      case .wait(let ms):
        state.idle.append(number)
        return .sleep(ms: ms)
      case .idle:
        state.idle.append(number)
        return .sleep(ms: idleMs)
      }
    }
  }
}
