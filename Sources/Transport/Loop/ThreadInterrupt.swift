internal import CUV
internal import Glibc
internal import Synchronization

/// Wakes one thread out of a system call in which it blocks, such as a write(2) to a full pipe.
///
/// A flag alone would not do: the signal may come just before the call. So it is sent again and again
/// until the thread says that it has seen the request.
public final class ThreadInterrupt: Sendable {
  private let thread: UInt
  private let state = Atomic<Int>(0)
  private static let (idle, requested, acknowledged) = (0, 1, 2)

  /// Makes one for the calling thread. Its signal is SIGURG, which nobody else uses here.
  public init() {
    thread = UInt(pthread_self())
    var action = sigaction()
    // Without SA_RESTART the call ends with EINTR.
    action.__sigaction_handler.sa_handler = { _ in }
    sigaction(SIGURG, &action, nil)
  }

  /// True from the request on.
  public var isRequested: Bool { state.load(ordering: .acquiring) != Self.idle }

  /// Asks the thread to stop what it does.
  @Net public func request() {
    guard
      state.compareExchange(
        expected: Self.idle, desired: Self.requested, ordering: .acquiringAndReleasing
      ).exchanged
    else { return }
    send()
  }

  @Net private func send() {
    guard state.load(ordering: .acquiring) == Self.requested else { return }
    pthread_kill(pthread_t(thread), SIGURG)
    _ = Timer(afterMs: 20) { self.send() }
  }

  /// Says, on the thread, that it has seen the request.
  public func acknowledge() { state.store(Self.acknowledged, ordering: .releasing) }
}
