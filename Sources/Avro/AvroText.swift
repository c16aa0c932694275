import Glibc
import JSON

/// The JSON of one value, in memory that goes from value to value.
struct AvroText: ~Copyable {
  /// Memory beyond this is given back when the next value begins.
  private static let keptBytes = 1 << 20
  private static let firstBytes = 4 << 10
  /// Bytes of a string that are escaped at a time.
  private static let pieceBytes = 8 << 10

  private var base: UnsafeMutableRawPointer
  private var capacity = firstBytes
  private(set) var count = 0
  private var countMax = 0

  init() { base = .allocate(byteCount: Self.firstBytes, alignment: 16) }

  deinit { base.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// Begins a value whose JSON may have so many bytes.
  mutating func begin(countMax: Int) {
    self.countMax = countMax
    count = 0
    if capacity > Self.keptBytes {
      base.deallocate()
      base = .allocate(byteCount: Self.firstBytes, alignment: 16)
      capacity = Self.firstBytes
    }
  }

  /// Room for so many bytes at the end.
  private mutating func room(_ size: Int) throws(AvroError) -> UnsafeMutableRawPointer {
    guard count <= countMax else {
      throw AvroError("the JSON of a value may have at most \(countMax) bytes")
    }
    if capacity - count < size {
      let grown = max(capacity * 2, count + size)
      let larger = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
      larger.copyMemory(from: base, byteCount: count)
      base.deallocate()
      base = larger
      capacity = grown
    }
    return base + count
  }

  /// Cuts the text off and goes on with other bytes.
  mutating func replace(from start: Int, by bytes: [UInt8]) throws(AvroError) {
    count = start
    try append(bytes, 0, Int32(clamping: bytes.count))
  }

  mutating func append(_ byte: UInt8) throws(AvroError) {
    try room(1).storeBytes(of: byte, as: UInt8.self)
    count += 1
  }

  mutating func append(_ text: StaticString) throws(AvroError) {
    try room(text.utf8CodeUnitCount)
      .copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
    count += text.utf8CodeUnitCount
  }

  mutating func append(_ text: [UInt8], _ start: Int32, _ length: Int32) throws(AvroError) {
    let place = try room(Int(length))
    text.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return }
      place.copyMemory(from: first + Int(start), byteCount: Int(length))
    }
    count += Int(length)
  }

  mutating func append(_ value: Int64) throws(AvroError) {
    let place = try room(20)
    var digits = 1
    var rest = value.magnitude
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    let sign = value < 0 ? 1 : 0
    if value < 0 { place.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self) }
    rest = value.magnitude
    for index in (0..<digits).reversed() {
      place.storeBytes(
        of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10), toByteOffset: sign + index,
        as: UInt8.self)
      rest /= 10
    }
    count += sign + digits
  }

  /// Appends a number as jansson writes it: 17 digits, with a point or an exponent without padding.
  ///
  /// What JSON has no number for is a string, as in Avro's own JSON encoding.
  mutating func append(_ value: Double) throws(AvroError) {
    guard value.isFinite else {
      return try append(value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"")
    }
    let place = try room(40)
    let digits = place.assumingMemoryBound(to: CChar.self)
    gcvt(value, 17, digits)
    var length = strlen(digits)
    let exponent = memchr(place, 0x65, length)
    if let exponent {
      var kept = exponent - UnsafeMutableRawPointer(place) + 1
      if digits[kept] == 0x2d { kept += 1 }
      var behind = kept
      while digits[behind] == 0x2b || digits[behind] == 0x30 { behind += 1 }
      memmove(place + kept, place + behind, length - behind)
      length -= behind - kept
    }
    count += length
    if exponent == nil, memchr(place, 0x2e, length) == nil { try append(".0") }
  }

  /// Appends a string; what is not UTF-8 becomes U+FFFD.
  mutating func append(string: UnsafeRawBufferPointer) throws(AvroError) {
    try append(UInt8(ascii: "\""))
    var position = 0
    while position < string.count {
      let size = min(JSONEscape.bound(string.count - position), Self.pieceBytes)
      let place = try room(size)
      count += JSONEscape.jansson(string, from: &position, to: place, room: size)
    }
    try append(UInt8(ascii: "\""))
  }

  /// Appends bytes as a string of the characters U+0000 to U+00FF.
  mutating func append(bytes: UnsafeRawBufferPointer) throws(AvroError) {
    try append(UInt8(ascii: "\""))
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceBytes))
      count += JSONEscape.latin1(piece, to: try room(JSONEscape.bound(piece.count)))
      rest = rest.dropFirst(piece.count)
    }
    try append(UInt8(ascii: "\""))
  }
}
