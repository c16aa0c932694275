import Healthbot
import Testing

@Suite struct DeliveryAttemptsTests {
  private func attempts(_ change: (inout DeliveryPolicy) -> Void = { _ in }) -> DeliveryAttempts {
    var policy = DeliveryPolicy()
    change(&policy)
    return DeliveryAttempts(channel: "here", policy: policy, nowMs: 1000)
  }

  private func refusal(_ outcome: AttemptOutcome) -> DeliveryFailure? {
    var attempts = attempts()
    guard case .giveUp(let failure) = attempts.next(after: outcome, nowMs: 1000, jitter: 0) else {
      return nil
    }
    return failure
  }

  @Test func `pauses double, jitter takes up to half of them, and the number is bounded`() {
    for (jitter, pauses) in [(1.0, [500, 1000, 2000, 4000]), (0, [250, 500, 1000, 2000])] {
      var attempts = attempts()
      for pause in pauses {
        #expect(
          attempts.next(after: .answer(status: 503), nowMs: 1000, jitter: jitter)
            == .again(afterMs: Int64(pause)))
      }
      guard
        case .giveUp(let failure) = attempts.next(
          after: .answer(status: 503), nowMs: 1000, jitter: jitter)
      else {
        Issue.record("a sixth attempt")
        return
      }
      #expect(failure.description == "here: HTTP status 503 (5 attempts)")
      #expect(failure.isOfChannel)
    }
  }

  @Test func `the longest pause and the time are bounded`() {
    var attempts = attempts {
      $0.attemptsMax = 1000
      $0.totalMs = 40_000
    }
    var nowMs: Int64 = 1000
    var pauses: [Int64] = []
    while case .again(let ms) = attempts.next(
      after: .failed("no route", .passing), nowMs: nowMs, jitter: 1)
    {
      pauses.append(ms)
      nowMs += ms
    }
    #expect(pauses == [500, 1000, 2000, 4000, 8000, 15_000])
    #expect(nowMs <= 41_000)
  }

  @Test(arguments: [408, 429, 500, 502, 503, 504, 599])
  func `what may pass is tried again`(status: Int) {
    #expect(refusal(.answer(status: status)) == nil)
  }

  @Test(arguments: [
    (400, false, "here: HTTP status 400"),
    (401, true, "here: HTTP status 401: check the address and the credentials"),
    (404, true, "here: HTTP status 404: check the address"),
    (405, true, "here: HTTP status 405"),
    (413, false, "here: HTTP status 413: the message is too large"),
    (501, true, "here: HTTP status 501"), (100, true, "here: HTTP status 100"),
  ])
  func `what will not pass is given up at once`(status: Int, isOfChannel: Bool, text: String) throws
  {
    let failure = try #require(refusal(.answer(status: status)))
    #expect(failure.description == text)
    #expect(failure.isOfChannel == isOfChannel)
  }

  @Test func `S56: a redirect is an error that names the host`() throws {
    let failure = try #require(
      refusal(.answer(status: 302, redirectHost: "evil.example\u{1b}[2J")))
    #expect(
      failure.description
        == "here: HTTP status 302: the redirect to \"evil.example\\u{1b}[2J\" is not followed; "
        + "configure the final address")
  }

  @Test func `Retry-After is waited for, up to a limit`() {
    var patient = attempts()
    #expect(
      patient.next(after: .answer(status: 429, retryAfterMs: 30_000), nowMs: 1000, jitter: 0)
        == .again(afterMs: 30_000))
    // It cannot shorten the channel's own pause.
    #expect(
      patient.next(after: .answer(status: 429, retryAfterMs: 1), nowMs: 1000, jitter: 1)
        == .again(afterMs: 1000))
    let failure = refusal(.answer(status: 429, retryAfterMs: 3_600_000))
    #expect(
      failure?.description == "here: HTTP status 429, and it asks for a pause of 3600 s")
    #expect(failure?.retryAfterMs == 3_600_000)
    // A pause that ends too late is not begun.
    var late = attempts()
    guard
      case .giveUp = late.next(
        after: .answer(status: 503, retryAfterMs: 30_000), nowMs: 40_000, jitter: 0)
    else {
      Issue.record("it waits beyond its time")
      return
    }
  }

  @Test func `success is success, and causes that do not pass say whose they are`() {
    var attempts = attempts()
    for status in [200, 202, 204] {
      #expect(attempts.next(after: .answer(status: status), nowMs: 1000, jitter: 0) == .done)
    }
    #expect(refusal(.failed("bad certificate", .channel))?.isOfChannel == true)
    #expect(refusal(.failed("550 no such user", .message))?.isOfChannel == false)
    #expect(refusal(.failed("no route", .passing)) == nil)
  }
}

@Suite struct RateLimitTests {
  @Test func `S57: a burst goes at once, then one per interval`() {
    var limit = RateLimit()
    for _ in 0..<10 { #expect(limit.mayGo(nowMs: 5000) == 0) }
    #expect(limit.mayGo(nowMs: 5000) == 1000)
    #expect(limit.mayGo(nowMs: 5400) == 600)
    #expect(limit.mayGo(nowMs: 6000) == 0)
    #expect(limit.mayGo(nowMs: 6000) == 1000)
    // A rest fills the bucket, and no more than that.
    for _ in 0..<10 { #expect(limit.mayGo(nowMs: 1_000_000) == 0) }
    #expect(limit.mayGo(nowMs: 1_000_000) == 1000)
  }

  @Test func `extremes do not overflow`() {
    for (interval, burst) in [(Int64.max, Int.max), (0, 0), (.min, .min)] {
      var limit = RateLimit(intervalMs: interval, burst: burst)
      #expect(limit.mayGo(nowMs: 0) == 0)
      #expect(limit.mayGo(nowMs: 1) >= 0)
    }
  }
}
