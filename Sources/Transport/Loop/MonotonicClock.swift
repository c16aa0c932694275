import CUV

/// The clock for timeouts: it never jumps.
public enum MonotonicClock {
  /// The time since an unspecified start, in milliseconds; any thread.
  public static var nowMs: Int64 { Int64(uv_hrtime() / 1_000_000) }

  /// The same in microseconds.
  public static var nowUs: Int64 { Int64(uv_hrtime() / 1000) }
}
