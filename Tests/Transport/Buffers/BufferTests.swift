import Testing
import Transport

@Suite struct BufferTests {
  @Test func `growing keeps what is there, up to sizes whose pages move`() {
    let buffer = Buffer(pattern(100))
    for size in [64, 101, 4096, 1 << 20, 40 << 20] {
      buffer.grow(to: size)
      #expect(buffer.capacity >= size)
      #expect(buffer.space.count == buffer.capacity)
      #expect(Array(buffer.bytes) == pattern(100))
    }
    buffer.space[buffer.capacity - 1] = 1
  }

  @Test func `reserve doubles, so that appending is cheap`() {
    let buffer = Buffer(capacity: 16)
    var capacities: Set<Int> = []
    for byte in 0..<100_000 {
      buffer.reserve(1)
      capacities.insert(buffer.capacity)
      buffer.space[buffer.count] = UInt8(truncatingIfNeeded: byte)
      buffer.count += 1
    }
    #expect(capacities.count <= 15)
    #expect(Array(buffer.bytes) == (0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
    buffer.reserve(1 << 20)
    #expect(buffer.capacity - buffer.count >= 1 << 20)
  }

  @Test func `start leaves out what was read`() {
    let buffer = Buffer([1, 2, 3, 4, 5])
    buffer.start = 3
    #expect(Array(buffer.bytes) == [4, 5])
    buffer.start = 5
    #expect(buffer.bytes.isEmpty)
  }

  @Test func `an empty buffer has room`() {
    #expect(Buffer(capacity: 0).capacity > 0)
    #expect(Buffer([]).bytes.isEmpty)
  }
}
