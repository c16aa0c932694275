/// Messages on their way, one lane per channel: each lane keeps its order, and none waits for another.
///
/// A value: it decides what is to be tried when; others try it and say what became of it. A lane has one
/// attempt under way at most. Times are in milliseconds, of a clock that does not jump.
///
/// A lane whose channel failed is down: what is in it and what comes fails at once, until a rest is over;
/// then the next message is tried once.
public struct DeliveryLanes<Message: Sendable>: Sendable {
  /// An attempt to be made.
  public struct Attempt: Sendable {
    /// The lane's number.
    public let lane: Int
    /// What is to be sent.
    public let message: Message
  }

  /// What to do now.
  public enum Next: Sendable {
    /// This, and to call `finished` behind it.
    case attempt(Attempt)
    /// Nothing for so many milliseconds, unless something is submitted or finished before.
    case wait(ms: Int64)
    /// Nothing until something is submitted or finished.
    case idle
  }

  /// What became of a message; each comes back once, a lane's in their order.
  public struct Outcome: Sendable {
    /// The lane's number.
    public let lane: Int
    /// The message.
    public let message: Message
    /// Why it is not delivered; nil where it is.
    public let failure: DeliveryFailure?
  }

  /// How a lane is.
  public enum Health: Hashable, Sendable {
    /// Messages are tried as often as the policy says.
    case up
    /// Messages fail at once.
    case down
    /// The rest is over: the next message is tried, once.
    case due
  }

  private struct Lane: Sendable {
    let name: String
    var rate: RateLimit?
    var messages: [(message: Message, byteCount: Int)] = []
    var byteCount = 0
    /// The attempts at the first message.
    var attempts: DeliveryAttempts?
    var isUnderWay = false
    /// When the first message may be tried.
    var notBeforeMs = Int64.min
    /// While the channel rests: why, for how long, and until when.
    var rest: (failure: DeliveryFailure, ms: Int64, untilMs: Int64)?
  }

  /// Messages that a lane holds at most.
  public static var countMax: Int { 1000 }
  /// Bytes beyond which a lane takes no further message.
  public static var bytesMax: Int { 8 << 20 }

  /// The longest rest that a server can ask for.
  private static var askedRestMaxMs: Int64 { 3_600_000 }

  private let policy: DeliveryPolicy
  private var lanes: [Lane] = []
  private var outcomes: [Outcome] = []
  /// The lane that is looked at first, so that each gets its turn.
  private var turn = 0

  /// Makes one without lanes.
  public init(policy: DeliveryPolicy) { self.policy = policy }

  /// Adds a lane and answers its number; `name` is what error texts begin with.
  public mutating func add(_ name: String, rate: RateLimit?) -> Int {
    lanes.append(Lane(name: name, rate: rate))
    return lanes.count - 1
  }

  /// How many messages of a lane have no outcome yet.
  public func count(_ lane: Int) -> Int { lanes[lane].messages.count }

  /// Whether a lane takes another message: who submits has to wait otherwise.
  public func hasRoom(_ lane: Int) -> Bool {
    lanes[lane].messages.count < Self.countMax && lanes[lane].byteCount < Self.bytesMax
  }

  /// Whether all messages have an outcome.
  public var isEmpty: Bool { lanes.allSatisfy { $0.messages.isEmpty } }

  /// How a lane is.
  public func health(_ lane: Int, nowMs: Int64) -> Health {
    guard let rest = lanes[lane].rest else { return .up }
    return nowMs < rest.untilMs ? .down : .due
  }

  /// Puts a message at the end of a lane; where the lane is down it fails at once.
  public mutating func submit(_ message: Message, byteCount: Int, to lane: Int, nowMs: Int64) {
    lanes[lane].messages.append((message, byteCount))
    lanes[lane].byteCount += byteCount
    if health(lane, nowMs: nowMs) == .down { failAll(lane) }
  }

  /// What to do now.
  public mutating func next(nowMs: Int64) -> Next {
    var waitMs = Int64.max
    for place in 0..<lanes.count {
      let lane = (turn + place) % lanes.count
      guard let first = lanes[lane].messages.first, !lanes[lane].isUnderWay else { continue }
      var leftMs = lanes[lane].notBeforeMs > nowMs ? lanes[lane].notBeforeMs - nowMs : 0
      // Each attempt is a message to the server, whether or not it took the one before.
      if leftMs == 0 { leftMs = lanes[lane].rate?.mayGo(nowMs: nowMs) ?? 0 }
      guard leftMs == 0 else {
        waitMs = min(waitMs, leftMs)
        continue
      }
      if lanes[lane].attempts == nil {
        var policy = policy
        if lanes[lane].rest != nil { policy.attemptsMax = 1 }
        lanes[lane].attempts = DeliveryAttempts(
          channel: lanes[lane].name, policy: policy, nowMs: nowMs)
      }
      lanes[lane].isUnderWay = true
      turn = (lane + 1) % lanes.count
      return .attempt(Attempt(lane: lane, message: first.message))
    }
    return waitMs == .max ? .idle : .wait(ms: waitMs)
  }

  /// Takes the outcome of a lane's attempt; `jitter` is as in `DeliveryAttempts`.
  public mutating func finished(
    _ lane: Int, _ outcome: AttemptOutcome, nowMs: Int64, jitter: Double
  ) {
    lanes[lane].isUnderWay = false
    switch lanes[lane].attempts?.next(after: outcome, nowMs: nowMs, jitter: jitter) {
    case .done?:
      lanes[lane].rest = nil
      settle(lane, nil)
    case .again(let afterMs)?: lanes[lane].notBeforeMs = nowMs + afterMs
    case .giveUp(let failure)?:
      settle(lane, failure)
      let restMs = min(policy.restMaxMs, lanes[lane].rest.map { $0.ms * 2 } ?? policy.restMs)
      lanes[lane].rest = nil
      guard failure.isOfChannel else { return }
      let askedMs = min(failure.retryAfterMs, Self.askedRestMaxMs)
      lanes[lane].rest = (failure, restMs, nowMs + max(restMs, askedMs))
      failAll(lane)
    case nil: break
    }
  }

  /// Gives up all messages of lanes without an attempt under way: there is no time left.
  public mutating func abandon() {
    for lane in lanes.indices where !lanes[lane].isUnderWay {
      let failure = DeliveryFailure("\(lanes[lane].name): not sent, as the time was over")
      settleAll(lane, failure)
    }
  }

  /// What became of messages since it was last asked.
  public mutating func takeOutcomes() -> [Outcome] {
    defer { outcomes = [] }
    return outcomes
  }

  /// The first message has its outcome.
  private mutating func settle(_ lane: Int, _ failure: DeliveryFailure?) {
    guard !lanes[lane].messages.isEmpty else { return }
    let first = lanes[lane].messages.removeFirst()
    lanes[lane].byteCount -= first.byteCount
    lanes[lane].attempts = nil
    lanes[lane].notBeforeMs = .min
    outcomes.append(Outcome(lane: lane, message: first.message, failure: failure))
  }

  private mutating func settleAll(_ lane: Int, _ failure: DeliveryFailure) {
    while !lanes[lane].messages.isEmpty { settle(lane, failure) }
  }

  private mutating func failAll(_ lane: Int) {
    if let rest = lanes[lane].rest { settleAll(lane, rest.failure) }
  }
}
