import CUV

/// Runs an action on the loop once, or again and again.
///
/// It lives until it has fired (once) or is cancelled, whether or not anyone refers to it; then it
/// lets go of its action. Timers due at the same time fire in the order in which they were made.
@Net public final class Timer {
  private let handle = UnsafeMutablePointer<uv_timer_t>.allocate(capacity: 1)
  private var action: (@Net () -> Void)?
  private let repeats: Bool

  /// Whether it has neither been cancelled nor, if it fires once, fired.
  public var isActive: Bool { action != nil }

  /// Starts the timer.
  ///
  /// - Parameters:
  ///   - afterMs: until it fires first, in milliseconds; what is negative counts as 0.
  ///   - everyMs: between further firings, in milliseconds; 0 means that it fires once.
  ///   - action: what it does; it may cancel the timer.
  public init(afterMs: Int64, everyMs: Int64 = 0, _ action: @escaping @Net () -> Void) {
    self.action = action
    repeats = everyMs > 0
    uv_timer_init(Net.rawLoop, handle)
    handle.pointee.data = HandleOwner.retained(self)
    // The loop's idea of now is as old as its last poll; a long callback would shorten the time.
    uv_update_time(Net.rawLoop)
    uv_timer_start(handle, timerFired, UInt64(max(0, afterMs)), UInt64(max(0, everyMs)))
  }

  /// Stops it: the action does not run any more.
  public func cancel() {
    guard action != nil else { return }
    action = nil
    uv_close(handle.asHandle, timerClosed)
  }

  fileprivate func fired() {
    guard let action else { return }
    if !repeats { cancel() }
    action()
  }
}

private func timerFired(_ handle: UnsafeMutablePointer<uv_timer_t>?) {
  guard let timer = HandleOwner.object(handle?.pointee.data, as: Timer.self) else { return }
  Net.assumeIsolated { timer.fired() }
}

private func timerClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  _ = HandleOwner.released(handle?.pointee.data, as: Timer.self)
  UnsafeMutableRawPointer(handle)?.deallocate()
}

/// Waits on the loop.
///
/// - Parameter milliseconds: how long; what is negative counts as 0.
@Net public func sleep(milliseconds: Int64) async {
  await withCheckedContinuation { continuation in
    _ = Timer(afterMs: milliseconds) { continuation.resume() }
  }
}
