internal import Glibc

/// A descriptor that becomes readable when another thread says so: for threads that wait in poll(2).
public final class WakeDescriptor: Sendable {
  /// What to poll for reading.
  public let descriptor: Int32
  private let writeEnd: Int32

  /// Makes one that is not readable yet.
  public init() {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0, "pipe: \(errno)")
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (descriptor, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    close(descriptor)
    close(writeEnd)
  }

  /// Makes it readable.
  public func wake() {
    var byte: UInt8 = 1
    // A full pipe is readable already.
    _ = write(writeEnd, &byte, 1)
  }

  /// Makes it unreadable again.
  public func drain() {
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { scratch in
      while read(descriptor, scratch.baseAddress, scratch.count) > 0 {}
    }
  }
}
