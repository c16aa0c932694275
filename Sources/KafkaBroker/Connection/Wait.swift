import Transport

/// An answer that comes later; the requests behind it on the connection wait for it.
@Net protocol Wait: AnyObject {
  /// Takes the outcome, once; set by the connection that waits.
  var finished: (@Net (Outcome) -> Void)? { get set }
  /// Answers, unless that was done or the wait was cancelled.
  func finish()
  /// Waits no longer and answers nothing.
  func cancel()
}

/// An answer that somebody else will give, such as a group's coordinator.
@Net final class DelayedAnswer: Wait {
  /// The answer, when it is there.
  private(set) var outcome: Outcome?
  var finished: (@Net (Outcome) -> Void)?

  /// Gives the answer, which goes out with `finish`.
  func give(_ outcome: Outcome) { self.outcome = outcome }

  func finish() {
    guard let finished, let outcome else { return }
    cancel()
    finished(outcome)
  }

  func cancel() { finished = nil }
}
