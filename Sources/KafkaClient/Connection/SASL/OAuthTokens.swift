internal import Transport

/// When a token is asked for anew: a value without clock or I/O.
struct TokenRefresh: Sendable {
  /// The first pause after a failure, in milliseconds, and the longest.
  static let pauseMs: ClosedRange<Int64> = 1000...10_000

  private(set) var token: OAuthToken?
  private var failures = 0

  /// A token came; answers in how many milliseconds the next is to be asked for: at 80 % of its life.
  mutating func received(_ token: OAuthToken, nowMs: Int64) -> Int64 {
    self.token = token
    failures = 0
    return max(1, (token.expiresAtMs - nowMs) / 5 * 4)
  }

  /// None came; answers in how many milliseconds to try again.
  mutating func failed() -> Int64 {
    failures += 1
    return min(Self.pauseMs.upperBound, Self.pauseMs.lowerBound << Int64(min(failures - 1, 10)))
  }

  /// The token, if it is still good.
  func current(nowMs: Int64) -> OAuthToken? {
    token.flatMap { $0.expiresAtMs > nowMs ? $0 : nil }
  }
}

/// The tokens of a client: one for all its connections, asked for again before it expires.
@Net final class OAuthTokens {
  typealias Answer = Result<OAuthToken, SASLError>

  private let nowMs: @Sendable () -> Int64
  private let fetch: @Sendable () throws(SASLError) -> OAuthToken
  private let log: @Sendable (ClientLog) -> Void
  private var state = TokenRefresh()
  private var timer: Timer?
  private var isFetching = false
  private var waiting: [CheckedContinuation<Answer, Never>] = []
  private var isClosed = false

  /// Makes one that has no token yet; `fetch` runs on a thread of its own.
  init(
    log: @escaping @Sendable (ClientLog) -> Void,
    nowMs: @escaping @Sendable () -> Int64 = { WallClock.nowMs },
    fetch: @escaping @Sendable () throws(SASLError) -> OAuthToken
  ) {
    self.log = log
    self.nowMs = nowMs
    self.fetch = fetch
  }

  /// Whether there ever was a token, so that one may be had again.
  var hasHadToken: Bool { state.token != nil }

  /// A token that is good.
  ///
  /// - Throws: `SASLError` where none can be had.
  func token() async throws(SASLError) -> OAuthToken {
    if let token = state.current(nowMs: nowMs()) { return token }
    let answer: Answer = await withCheckedContinuation { continuation in
      waiting.append(continuation)
      startFetching()
    }
    return try answer.get()
  }

  /// No more tokens are asked for.
  func close() {
    isClosed = true
    timer?.cancel()
  }

  private func startFetching() {
    guard !isFetching else { return }
    isFetching = true
    Net.task { [self, fetch] in
      ended(
        await WorkerThread.run { () -> Answer in
          do throws(SASLError) { return .success(try fetch()) } catch { return .failure(error) }
        })
    }
  }

  private func ended(_ answer: Answer) {
    isFetching = false
    let pauseMs: Int64
    switch answer {
    case .success(let token): pauseMs = state.received(token, nowMs: nowMs())
    case .failure(let error):
      pauseMs = state.failed()
      if waiting.isEmpty {
        log(ClientLog(.warning, "OAUTHBEARER", "\(error); next try in \(pauseMs) ms"))
      }
    }
    for waiter in waiting { waiter.resume(returning: answer) }
    waiting = []
    timer?.cancel()
    // Without a token whoever wants one asks.
    guard !isClosed, state.token != nil else { return }
    timer = Timer(afterMs: pauseMs) { [weak self] in self?.startFetching() }
  }
}
