import CUV

/// The clock for timeouts: it never jumps.
public enum MonotonicClock {
  /// The time since an unspecified start, in milliseconds; any thread.
  public static var nowMs: Int64 { Int64(uv_hrtime() / 1_000_000) }

  /// The time that is left until `deadlineMs`, in milliseconds; at least 1, as timers and requests want it.
  public static func leftMs(until deadlineMs: Int64) -> Int64 { max(1, deadlineMs - nowMs) }

  /// The time now in microseconds.
  public static var nowUs: Int64 { Int64(uv_hrtime() / 1000) }
}
