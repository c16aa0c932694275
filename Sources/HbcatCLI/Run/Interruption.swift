import Glibc
import Transport

/// SIGINT and SIGTERM: the first ends the work in an orderly way, the second ends the process with 130.
@Net final class Interruption {
  /// Wakes the main thread where it blocks in a system call.
  nonisolated let thread: ThreadInterrupt
  private var watchers: [SignalWatcher] = []
  private var count = 0

  /// Made on the main thread.
  nonisolated init() {
    thread = ThreadInterrupt()
    signal(SIGPIPE, SIG_IGN)
  }

  /// Whether a signal has come.
  nonisolated var isRequested: Bool { thread.isRequested }

  /// Stops watching, so that a later run of the same process is the only one to hear of signals.
  ///
  /// To be called on the main thread at a run's end; the signals then have their usual effect.
  nonisolated func end() {
    thread.acknowledge()
    try? Net.wait { self.cancel() }
  }

  private func cancel() {
    for watcher in watchers { watcher.cancel() }
    watchers = []
  }

  /// Begins to watch; `onFirst` runs on the loop.
  func watch(_ onFirst: @escaping @Net () -> Void) {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      watchers.append(
        SignalWatcher(number) { [weak self] in
          guard let self else { return }
          self.count += 1
          if self.count > 1 { _exit(130) }
          self.thread.request()
          onFirst()
        })
    }
  }
}
