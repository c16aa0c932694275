import Glibc

/// The time of day, which may jump.
public enum WallClock {
  /// Milliseconds since 1970; any thread.
  public static var nowMs: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
  }
}
