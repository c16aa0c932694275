/// Spans of time as people read them.
public enum TimeSpan {
  /// A span in the two largest units that it has: `12s`, `3m`, `2h5m`, `4d3h`.
  public static func text(milliseconds: Int64) -> String {
    let seconds = max(0, milliseconds) / 1000
    let units: [(count: Int64, name: String)] = [
      (seconds / 86400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"),
      (seconds % 60, "s"),
    ]
    guard let first = units.firstIndex(where: { $0.count > 0 }) else { return "0s" }
    // Nobody needs the seconds of an hour ago.
    let shown = units[first...].prefix(first < 2 ? 2 : 1).filter { $0.count > 0 }
    return shown.map { "\($0.count)\($0.name)" }.joined()
  }
}
