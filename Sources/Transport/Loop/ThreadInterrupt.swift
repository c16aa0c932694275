import CUV
import Glibc
import Synchronization

/// Gets one thread out of a blocked system call, such as a write(2) to a pipe that nobody reads.
///
/// The thread gets SIGURG, whose handler does nothing and does not restart calls: they fail with
/// EINTR. As the signal may come just before the call, it is repeated until the thread acknowledges.
/// There is one request in its life. A thread that ends before the process must acknowledge at its
/// end, whether or not there was a request.
public final class ThreadInterrupt: Sendable {
  private enum State { case idle, requested, acknowledged }

  private let thread: UInt
  private let state = Mutex(State.idle)
  private let wasRequested = Atomic(false)

  /// Time between two signals, in milliseconds.
  static let intervalMs: Int64 = 5

  /// Prepares the calling thread for being interrupted.
  public init() {
    thread = UInt(pthread_self())
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in }
    action.sa_flags = 0  // no SA_RESTART
    sigemptyset(&action.sa_mask)
    sigaction(SIGURG, &action, nil)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGURG)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Whether there was a request, acknowledged or not: to be asked before a call that may block and
  /// after EINTR.
  public var isRequested: Bool { wasRequested.load(ordering: .acquiring) }

  /// Says, on the thread, that the request is seen; no signal follows, and none can be requested.
  public func acknowledge() { state.withLock { $0 = .acknowledged } }

  /// Interrupts the thread until it acknowledges; only the first request counts.
  @Net public func request() {
    let isFirst = state.withLock { state in
      guard state == .idle else { return false }
      state = .requested
      return true
    }
    wasRequested.store(true, ordering: .releasing)
    if isFirst { signal() }
  }

  /// Signals now and again.
  @Net private func signal() {
    // Under the lock, so that no signal follows `acknowledge`: the thread may be gone then.
    let goesOn = state.withLock { state in
      if state == .requested { pthread_kill(pthread_t(thread), SIGURG) }
      return state == .requested
    }
    if goesOn { _ = Timer(afterMs: Self.intervalMs) { self.signal() } }
  }
}
