/// How often, and for how long, a message is tried; times in milliseconds.
public struct DeliveryPolicy: Hashable, Sendable {
  /// Attempts at one message.
  public var attemptsMax = 5
  /// From the first attempt to the last.
  public var totalMs: Int64 = 60_000
  /// The first pause; each further one is twice as long.
  public var firstPauseMs: Int64 = 500
  /// The longest pause of the channel's own choice.
  public var pauseMaxMs: Int64 = 15_000
  /// The longest `Retry-After` that is waited for.
  public var retryAfterMaxMs: Int64 = 60_000
  /// How long a channel that failed is left alone; twice as long after each further failure.
  public var restMs: Int64 = 5_000
  /// The longest rest.
  public var restMaxMs: Int64 = 60_000

  /// What is usual.
  public init() {}
}

/// What became of one attempt.
public enum AttemptOutcome: Hashable, Sendable {
  /// Who is to blame where there is no answer.
  public enum Cause: Hashable, Sendable {
    /// Something that may pass, such as the network.
    case passing
    /// The channel: it will not work until somebody changes something.
    case channel
    /// The message: another may go through.
    case message
  }

  /// The server answered, or took the mail (which is 250).
  case answer(status: Int, retryAfterMs: Int64? = nil, redirectHost: String? = nil)
  /// It did not, and why.
  case failed(String, Cause)
}

/// Why a message is given up.
public struct DeliveryFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The channel, what is wrong, and the way out.
  public let description: String
  /// Whether it is the channel that failed, not this message: then the next one need not be tried at
  /// once, and this one may go another time, so that it is worth keeping.
  public let isOfChannel: Bool
  /// How long the server wants to be left alone, in milliseconds; 0 where it does not say.
  public let retryAfterMs: Int64

  init(_ description: String, isOfChannel: Bool = true, retryAfterMs: Int64 = 0) {
    self.description = description
    self.isOfChannel = isOfChannel
    self.retryAfterMs = retryAfterMs
  }
}

/// The attempts at one message: what is to be done after each.
public struct DeliveryAttempts: Sendable {
  /// What is to be done.
  public enum Step: Hashable, Sendable {
    /// Nothing, it is delivered.
    case done
    /// Another attempt, after so many milliseconds.
    case again(afterMs: Int64)
    /// Nothing, it is given up.
    case giveUp(DeliveryFailure)
  }

  private let channel: String
  private let policy: DeliveryPolicy
  private let endMs: Int64
  private var count = 0

  /// Begins; `channel` is what error texts begin with, and holds no secret.
  ///
  /// `nowMs` here and below is of a clock that does not jump.
  public init(channel: String, policy: DeliveryPolicy, nowMs: Int64) {
    self.channel = channel
    self.policy = policy
    endMs = nowMs + policy.totalMs
  }

  /// Takes the outcome of an attempt, and the time; `jitter` is 0 to 1 by chance.
  ///
  /// By the jitter not all senders come back at once.
  public mutating func next(after outcome: AttemptOutcome, nowMs: Int64, jitter: Double) -> Step {
    count += 1
    let failure: DeliveryFailure
    switch outcome {
    case .answer(200..<300, _, _): return .done
    case .answer(let status, let retryAfterMs, _)
    where [408, 429].contains(status) || (500..<600).contains(status) && status != 501:
      return again("HTTP status \(status)", max(0, retryAfterMs ?? 0), nowMs, jitter)
    case .answer(let status, _, let redirectHost):
      let wayOut = Self.wayOut(status, redirectHost: redirectHost)
      // With these the server objects to what was said, not to who says it where.
      let isOfMessage = [400, 413, 415, 422].contains(status)
      failure = DeliveryFailure(
        "\(channel): HTTP status \(status)\(wayOut)", isOfChannel: !isOfMessage)
    case .failed(let text, .passing): return again(text, 0, nowMs, jitter)
    case .failed(let text, let cause):
      failure = DeliveryFailure("\(channel): \(text)", isOfChannel: cause == .channel)
    }
    return .giveUp(failure)
  }

  private static func wayOut(_ status: Int, redirectHost: String?) -> String {
    switch status {
    case 300..<400:
      let host = redirectHost.map { " to \(shown($0, limit: 80))" } ?? ""
      return ": the redirect\(host) is not followed; configure the final address"
    case 401, 403, 407: return ": check the address and the credentials"
    case 404, 410: return ": check the address"
    case 413: return ": the message is too large"
    default: return ""
    }
  }

  private func again(_ text: String, _ retryAfterMs: Int64, _ nowMs: Int64, _ jitter: Double)
    -> Step
  {
    let doubledMs = min(policy.pauseMaxMs, policy.firstPauseMs << Int64(min(count - 1, 20)))
    // Between half of it and all of it.
    let ownMs = doubledMs / 2 + Int64(Double(doubledMs / 2) * min(max(0, jitter), 1))
    let pauseMs = max(1, ownMs, retryAfterMs)
    let reason: String
    if retryAfterMs > policy.retryAfterMaxMs {
      reason = "\(text), and it asks for a pause of \((retryAfterMs + 999) / 1000) s"
    } else if count >= policy.attemptsMax || nowMs + pauseMs > endMs {
      reason = count == 1 ? text : "\(text) (\(count) attempts)"
    } else {
      return .again(afterMs: pauseMs)
    }
    return .giveUp(DeliveryFailure("\(channel): \(reason)", retryAfterMs: retryAfterMs))
  }
}
