import Glibc

/// Why waiting for input has ended.
enum InputReadiness: Equatable {
  /// The descriptor can be read: bytes, the end, or an error that read(2) will tell.
  case input
  /// The wake descriptor can be read.
  case wake
  /// Both can be read.
  case both
  /// The time is over.
  case timeout
  /// A signal came.
  case interrupted
}

/// Waits until `descriptor` or `wakeDescriptor` can be read, at most `timeoutMs` milliseconds.
///
/// A negative time waits without end, a negative descriptor is left out. Files can always be read.
func waitForInput(
  _ descriptor: Int32, wakeDescriptor: Int32, timeoutMs: Int64
) -> InputReadiness {
  withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { entries in
    let wanted = Int16(POLLIN)
    entries.initializeElement(at: 0, to: pollfd(fd: descriptor, events: wanted, revents: 0))
    entries.initializeElement(at: 1, to: pollfd(fd: wakeDescriptor, events: wanted, revents: 0))
    let timeout = Int32(clamping: max(-1, timeoutMs))
    let ready = poll(entries.baseAddress, 2, timeout)
    if ready == 0 { return .timeout }
    if ready < 0 { return .interrupted }
    switch (entries[0].revents != 0, entries[1].revents != 0) {
    case (true, true): return .both
    case (false, true): return .wake
    case (true, false), (false, false): return .input
    }
  }
}
