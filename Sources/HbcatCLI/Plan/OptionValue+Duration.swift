extension OptionValue {
  /// The longest time that an option takes: ten years, in milliseconds.
  private static let durationMsMax: Int64 = 315_360_000_000

  /// A time such as `500ms`, `30s`, `1h30m` or `2d`, in milliseconds; a bare number counts seconds.
  static func duration(_ argument: Argument, _ option: String) throws(UsageError) -> Int64 {
    let wrong = UsageError.value(
      "\(option): expected a time such as 500ms, 30s, 10m, 2h or 1d, not \"\(argument)\"")
    var rest = argument.bytes[...]
    var total: Int64 = 0
    repeat {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard let amount = Int64(String(decoding: digits, as: UTF8.self)) else { throw wrong }
      rest = rest.dropFirst(digits.count)
      let letters = rest.prefix { !(0x30...0x39).contains($0) }
      guard let unit = unitMs(String(decoding: letters, as: UTF8.self)) else { throw wrong }
      let (product, overflow) = amount.multipliedReportingOverflow(by: unit)
      guard !overflow, product <= durationMsMax - total else {
        throw .value("\(option): \(argument) is longer than ten years")
      }
      total += product
      rest = rest.dropFirst(letters.count)
    } while !rest.isEmpty
    return total
  }

  private static func unitMs(_ unit: String) -> Int64? {
    switch unit {
    case "ms": 1
    case "s", "": 1000
    case "m", "min": 60_000
    case "h": 3_600_000
    case "d": 86_400_000
    case "w": 604_800_000
    default: nil
    }
  }
}
