internal import CUV

/// Runs an action after some time, once or again and again, until cancelled.
@Net public final class Timer {
  private let handle = UnsafeMutablePointer<uv_timer_t>.allocate(capacity: 1)
  private var action: (@Net () -> Void)?
  private let repeats: Bool

  /// Starts the timer.
  ///
  /// - Parameters:
  ///   - afterMs: milliseconds until it fires for the first time.
  ///   - everyMs: milliseconds between further times; 0 for once only.
  public init(afterMs: Int64, everyMs: Int64 = 0, _ action: @escaping @Net () -> Void) {
    self.action = action
    repeats = everyMs > 0
    let loop = Net.executor.raw
    uv_timer_init(loop, handle)
    // The loop's idea of now is as old as its current round.
    uv_update_time(loop)
    // The handle keeps the timer until it is closed.
    handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    uv_timer_start(
      handle,
      { handle in
        guard let data = handle?.pointee.data else { return }
        let timer = Unmanaged<Timer>.fromOpaque(data).takeUnretainedValue()
        Net.assumeIsolated { timer.fired() }
      }, UInt64(max(0, afterMs)), UInt64(max(0, everyMs)))
  }

  private func fired() {
    guard let action else { return }
    if !repeats { cancel() }
    action()
  }

  /// Stops the timer; its action does not run any more.
  public func cancel() {
    guard action != nil else { return }
    action = nil
    UnsafeMutableRawPointer(handle).withMemoryRebound(to: uv_handle_t.self, capacity: 1) {
      uv_close($0) { handle in
        guard let handle, let data = handle.pointee.data else { return }
        UnsafeMutableRawPointer(handle).deallocate()
        Unmanaged<Timer>.fromOpaque(data).release()
      }
    }
  }
}

/// Suspends the task for some milliseconds.
@Net public func sleep(milliseconds: Int64) async {
  await withCheckedContinuation { continuation in
    _ = Timer(afterMs: milliseconds) { continuation.resume() }
  }
}
