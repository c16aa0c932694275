import Glibc

/// The descriptors 0, 1 and 2, which a process may have been started without.
enum StandardDescriptors {
  /// Occupies those that are closed.
  ///
  /// Otherwise the next descriptor, one of the loop's or a socket, would get the number, and records
  /// would go there, or input be awaited from it. What takes the place can be neither read nor written
  /// (EBADF), as if it were closed still.
  static func reserve() {
    let pathOnly: Int32 = 0o10_000_000  // O_PATH, which Glibc's module map does not show
    for descriptor: Int32 in 0...2
    where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      let taken = open("/", O_RDONLY | pathOnly | O_CLOEXEC)
      // The lowest free number is given; those below are occupied by now.
      if taken >= 0 && taken != descriptor { close(taken) }
    }
  }
}
