import Testing

@testable import HbcatCLI

@Suite struct DecimalTests {
  @Test func `numbers of every length are written as String writes them`() {
    var numbers: [Int64] = [0, -1, .max, .min]
    var power: Int64 = 1
    for _ in 0..<18 {
      power *= 10
      numbers += [power - 1, power, power + 1, -power, 1 - power, power * 5 / 7]
    }
    var random = Repeatable(3)
    for shift in 0..<63 {
      for _ in 0..<50 { numbers.append(Int64(truncatingIfNeeded: random.next()) >> Int64(shift)) }
    }
    numbers += (0..<20_000).map { Int64($0) }
    for number in numbers { #expect(written(number) == "\(number)") }
  }

  @Test func `no more than the reserved room is touched`() {
    for number in [0, -1, Int64.max, .min, 99_999_999, 100_000_000, 12_345_678_901_234_567] {
      let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 1)
      defer { space.deallocate() }
      space.initializeMemory(as: UInt8.self, repeating: 0xaa)
      guard var end = space.baseAddress else { continue }
      writeDecimal(number, &end)
      #expect(space.dropFirst(decimalRoom).allSatisfy { $0 == 0xaa }, "\(number)")
    }
  }

  private func written(_ number: Int64) -> String {
    withUnsafeTemporaryAllocation(byteCount: decimalRoom, alignment: 1) { space in
      guard let start = space.baseAddress else { return "" }
      var end = start
      writeDecimal(number, &end)
      return String(
        decoding: UnsafeRawBufferPointer(start: start, count: end - start), as: UTF8.self)
    }
  }
}
