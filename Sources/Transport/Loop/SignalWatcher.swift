internal import CUV

/// Runs an action on the loop each time the process gets a signal.
@Net public final class SignalWatcher {
  private let handle = UnsafeMutablePointer<uv_signal_t>.allocate(capacity: 1)
  private var action: (@Net () -> Void)?

  /// Starts to watch for `signal`, a number of `<signal.h>`.
  public init(_ signal: Int32, _ action: @escaping @Net () -> Void) {
    self.action = action
    uv_signal_init(Net.executor.raw, handle)
    handle.pointee.data = Unmanaged.passRetained(self).toOpaque()
    uv_signal_start(
      handle,
      { handle, _ in
        guard let data = handle?.pointee.data else { return }
        let watcher = Unmanaged<SignalWatcher>.fromOpaque(data).takeUnretainedValue()
        Net.assumeIsolated { watcher.action?() }
      }, signal)
  }

  /// Stops watching; the signal has its default effect again.
  public func cancel() {
    guard action != nil else { return }
    action = nil
    uv_signal_stop(handle)
    UnsafeMutableRawPointer(handle).withMemoryRebound(to: uv_handle_t.self, capacity: 1) {
      uv_close($0) { handle in
        guard let handle, let data = handle.pointee.data else { return }
        UnsafeMutableRawPointer(handle).deallocate()
        Unmanaged<SignalWatcher>.fromOpaque(data).release()
      }
    }
  }
}
