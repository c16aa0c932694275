/// A span of time as people type it: `90s`, `10m`, `1.5h`, `1h30m`, `2 days`.
public enum TimeSpan {
  /// How a span is written, for messages.
  public static let form = "a time such as 90s, 10m, 2h or 1d12h"

  /// The milliseconds of a span, 1 to less than ten years; nil where the text is none.
  ///
  /// The units are those of Healthbot's rules, from `s` to `y`; several are added up.
  public static func milliseconds(_ text: String) -> Int64? {
    var total: Int64 = 0
    var rest = text.utf8.filter { $0 != UInt8(ascii: " ") }[...]
    while !rest.isEmpty {
      let digits = rest.prefix { $0 < UInt8(ascii: "A") }
      let unit = rest.dropFirst(digits.count).prefix { $0 >= UInt8(ascii: "A") }
      rest = rest.dropFirst(digits.count + unit.count)
      guard let span = RuleDuration(String(decoding: digits + unit, as: UTF8.self)),
        !span.isOffset
      else { return nil }
      total += span.milliseconds(offsetMs: 0)
      guard total < RuleDuration.millisecondsMax else { return nil }
    }
    return total > 0 ? total : nil
  }

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
