import CUV
import Glibc

/// Wakes a thread that sleeps in poll(2) (an eventfd).
public final class WakeDescriptor: Sendable {
  /// What to poll: readable once woken, until drained.
  public let descriptor: Int32

  /// Makes one that is not readable yet.
  ///
  /// Ends the process where it has no more descriptors: a program that cannot be woken cannot go on.
  public init() {
    descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard descriptor >= 0 else {
      preconditionFailure(
        "eventfd: \(String(cString: strerror(errno))); raise the limit (ulimit -n)")
    }
  }

  deinit { Glibc.close(descriptor) }

  /// Makes `descriptor` readable; any thread.
  public func wake() { eventfd_write(descriptor, 1) }

  /// Makes `descriptor` unreadable again; to be called before looking at what the waking was about.
  public func drain() {
    var count = eventfd_t()
    eventfd_read(descriptor, &count)
  }
}
