/// Wakes a state machine when it wants that, on the loop.
///
/// One that would fire too early is left to run: the machine is asked then what it wants next. So what
/// keeps putting its wish off, as every heartbeat does, needs no new timer each time.
@Net public final class WakeTimer {
  private var timer: Timer?
  private var atMs = Int64.max

  /// Makes one that wakes nobody yet.
  public nonisolated init() {}

  /// Runs `action` at `nextMs`, of `MonotonicClock`, or at the earlier moment that it waits for already.
  public func arm(atMs nextMs: Int64, _ action: @escaping @Net () -> Void) {
    guard nextMs < atMs else { return }
    timer?.cancel()
    atMs = nextMs
    timer = Timer(afterMs: MonotonicClock.leftMs(until: nextMs)) { [weak self] in
      self?.timer = nil
      self?.atMs = .max
      action()
    }
  }

  /// Wakes nobody until it is armed again.
  public func cancel() {
    timer?.cancel()
    timer = nil
    atMs = .max
  }
}
