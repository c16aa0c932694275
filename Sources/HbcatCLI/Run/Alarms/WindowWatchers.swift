import Glibc
import Synchronization
import Transport

/// Hears of a window that changes its size, and of Ctrl-Z, before which the terminal is to be given back.
@Net final class WindowWatchers {
  private var watchers: [SignalWatcher] = []
  private nonisolated let isToStop = Atomic(false)

  /// Begins to watch; `wake` is called on the loop.
  init(_ wake: @escaping @Sendable () -> Void) {
    watchers = [
      SignalWatcher(SIGWINCH) { wake() },
      SignalWatcher(SIGTSTP) { [weak self] in
        self?.isToStop.store(true, ordering: .releasing)
        wake()
      },
    ]
  }

  /// Whether the process is to stop, as was asked since the last time.
  nonisolated func takeStop() -> Bool { isToStop.exchange(false, ordering: .acquiringAndReleasing) }

  /// Stops watching.
  func cancel() {
    for watcher in watchers { watcher.cancel() }
    watchers = []
  }
}
