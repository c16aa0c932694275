/// A span of time as rules write it: `60s`, `1.5offset`, `3d`.
struct RuleDuration: Hashable, Sendable {
  /// The longest span: ten years, in milliseconds.
  static let millisecondsMax: Int64 = 315_360_000_000

  /// How many of the unit.
  private var amount: Double
  /// Milliseconds of the unit; nil for `offset`, the sensor's frequency.
  private var unitMs: Double?

  /// Reads `[1-9][0-9]*(\.[0-9]+)?` and a unit; nil where the text is none.
  init?(_ text: String) {
    let digits = text.utf8.prefix { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
    guard let amount = Double(String(decoding: digits, as: UTF8.self)), amount > 0 else {
      return nil
    }
    self.amount = amount
    switch String(text.dropFirst(digits.count)) {
    case "o", "offset": unitMs = nil
    case let unit:
      guard let ms = Self.unitMs(unit) else { return nil }
      unitMs = ms
    }
  }

  /// The span in milliseconds, where one offset is `offsetMs`.
  func milliseconds(offsetMs: Int64) -> Int64 {
    let span = (amount * (unitMs ?? Double(offsetMs))).rounded()
    return span < Double(Self.millisecondsMax) ? max(1, Int64(span)) : Self.millisecondsMax
  }

  /// Milliseconds of a unit; also of those of rates, `per`.
  static func unitMs(_ unit: String) -> Double? {
    switch unit {
    case "s", "second", "seconds": 1000
    case "m", "minute", "minutes": 60_000
    case "h", "hour", "hours": 3_600_000
    case "d", "day", "days": 86_400_000
    case "w", "week", "weeks": 604_800_000
    case "month", "months": 2_592_000_000
    case "y", "year", "years": 31_536_000_000
    default: nil
    }
  }
}
