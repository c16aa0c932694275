/// Writes a number in decimal and moves `end` behind it.
///
/// Up to 8 bytes behind the number are overwritten: reserve `decimalRoom` bytes.
@inline(__always)
func writeDecimal(_ value: Int64, _ end: inout UnsafeMutableRawPointer) {
  if value < 0 {
    end.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
    end += 1
  }
  let magnitude = value.magnitude
  if magnitude < 100_000_000 { return writeLeadingDigits(magnitude, &end) }
  let (upper, lower) = magnitude.quotientAndRemainder(dividingBy: 100_000_000)
  if upper < 100_000_000 {
    writeLeadingDigits(upper, &end)
  } else {
    let (top, middle) = upper.quotientAndRemainder(dividingBy: 100_000_000)
    writeLeadingDigits(top, &end)
    end.storeBytes(of: eightDigits(middle) | asciiZeros, as: UInt64.self)
    end += 8
  }
  end.storeBytes(of: eightDigits(lower) | asciiZeros, as: UInt64.self)
  end += 8
}

/// The bytes to reserve for one number: sign, 19 digits, and what is overwritten behind them.
let decimalRoom = 28

private let asciiZeros: UInt64 = 0x3030_3030_3030_3030

/// Writes a number below 10⁸ without leading zeros.
@inline(__always)
private func writeLeadingDigits(_ value: UInt64, _ end: inout UnsafeMutableRawPointer) {
  let digits = eightDigits(value)
  let zeros = min(digits.trailingZeroBitCount >> 3, 7)
  end.storeBytes(of: (digits | asciiZeros) &>> UInt64(zeros &* 8), as: UInt64.self)
  end += 8 &- zeros
}

/// The eight digits of a number below 10⁸, one a byte, the first in the lowest byte.
///
/// Four, then two, then one digit a lane, divided by multiplication: no table, no loop.
@inline(__always)
private func eightDigits(_ value: UInt64) -> UInt64 {
  let upper = value / 10_000
  let fours = upper | (value &- upper &* 10_000) &<< 32
  let hundreds = (fours &* 10_486) &>> 20 & 0x0000_007f_0000_007f
  let twos = hundreds | (fours &- hundreds &* 100) &<< 16
  let tens = (twos &* 103) &>> 10 & 0x000f_000f_000f_000f
  return tens | (twos &- tens &* 10) &<< 8
}
