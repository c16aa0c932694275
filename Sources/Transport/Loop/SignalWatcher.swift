import CUV

/// Runs an action on the loop whenever the process gets a signal.
///
/// It lives until it is cancelled, whether or not anyone refers to it. Several may watch one signal.
/// Blocked system calls of other threads go on (SA_RESTART): see `ThreadInterrupt`.
@Net public final class SignalWatcher {
  private let handle = UnsafeMutablePointer<uv_signal_t>.allocate(capacity: 1)
  private var action: (@Net () -> Void)?

  /// Starts to watch.
  ///
  /// - Parameters:
  ///   - signal: its number; one that cannot be watched, such as SIGKILL, traps.
  ///   - action: what happens then; signals that come close together may count as one.
  public init(_ signal: Int32, _ action: @escaping @Net () -> Void) {
    self.action = action
    uv_signal_init(Net.rawLoop, handle)
    handle.pointee.data = HandleOwner.retained(self)
    let status = uv_signal_start(handle, signalCame, signal)
    precondition(status == 0, "signal \(signal) cannot be watched")
  }

  /// Stops watching; after the last watcher the signal has its default effect again.
  public func cancel() {
    guard action != nil else { return }
    action = nil
    uv_close(handle.asHandle, watcherClosed)
  }

  fileprivate func came() { action?() }
}

private func signalCame(_ handle: UnsafeMutablePointer<uv_signal_t>?, _ signal: Int32) {
  guard let watcher = HandleOwner.object(handle?.pointee.data, as: SignalWatcher.self) else {
    return
  }
  Net.assumeIsolated { watcher.came() }
}

private func watcherClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  _ = HandleOwner.released(handle?.pointee.data, as: SignalWatcher.self)
  UnsafeMutableRawPointer(handle)?.deallocate()
}
