/// Reads a message from bytes; every length passes `take`.
///
/// The bytes must outlive the reader; what it returns is copied out of them, but for record data, whose
/// place in them is returned.
public struct WireReader: WireCoder {
  /// The version of the message.
  public let version: Int16
  /// True where the version has compact lengths and tagged fields.
  public let isFlexible: Bool
  /// False: values come in.
  public static var isWriter: Bool { false }

  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var end: Int
  private var tags = TagSection.unread

  /// The tag section of the struct that is being read.
  private enum TagSection {
    case unread
    case read([(tag: UInt32, range: Range<Int>)])
  }

  /// Reads `bytes` as a message of `version`.
  public init(_ bytes: UnsafeRawBufferPointer, version: Int16, isFlexible: Bool) {
    self.bytes = bytes
    self.version = version
    self.isFlexible = isFlexible
    end = bytes.count
  }

  /// Bytes not read yet.
  public var remaining: Int { end - position }
  /// Bytes read so far.
  public var consumed: Int { position }

  /// The one door for bytes from outside: refuses what is negative or beyond the end.
  private mutating func take(_ count: Int) throws(WireError) -> Int {
    guard count >= 0 else { throw .negativeLength(count) }
    guard count <= end - position else { throw .truncated(missing: count - (end - position)) }
    defer { position += count }
    return position
  }

  /// Reads an integer of fixed width, big-endian.
  public mutating func fixed<T: FixedWidthInteger>(_ value: inout T) throws(WireError) {
    let at = try take(MemoryLayout<T>.size)
    value = T(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: T.self))
  }

  /// Reads an unsigned varint of up to 32 bits.
  public mutating func unsignedVarint(_ value: inout UInt32) throws(WireError) {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 28, by: 7) {
      let byte = bytes[try take(1)]
      result |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 {
        guard let narrow = UInt32(exactly: result) else { throw .varintTooLong }
        value = narrow
        return
      }
    }
    throw .varintTooLong
  }

  /// Reads a length in the version's form; nil is null.
  private mutating func length<T: FixedWidthInteger & SignedInteger>(_ type: T.Type)
    throws(WireError) -> Int?
  {
    if isFlexible {
      var raw: UInt32 = 0
      try unsignedVarint(&raw)
      return raw == 0 ? nil : Int(raw) - 1
    }
    var raw: T = 0
    try fixed(&raw)
    if raw == -1 { return nil }
    guard raw >= 0 else { throw .negativeLength(Int(raw)) }
    return Int(raw)
  }

  private mutating func span(_ count: Int) throws(WireError) -> UnsafeRawBufferPointer {
    let start = try take(count)
    return UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
  }

  /// Reads a string; nil is null.
  public mutating func rawString(_ value: inout String?) throws(WireError) {
    guard let count = try length(Int16.self) else { return value = nil }
    // A compact length could be more; Kafka refuses it too.
    guard count <= Int(Int16.max) else { throw .lengthOverLimit(count, limit: Int(Int16.max)) }
    value = String(decoding: try span(count), as: UTF8.self)
  }

  /// Reads bytes; nil is null.
  public mutating func rawBytes(_ value: inout [UInt8]?) throws(WireError) {
    guard let count = try length(Int32.self) else { return value = nil }
    value = [UInt8](try span(count))
  }

  /// Notes where record data lies and passes over it; nil is null.
  public mutating func rawRecords(_ value: inout RecordsSlice?) throws(WireError) {
    guard let count = try length(Int32.self) else { return value = nil }
    value = RecordsSlice(offset: try take(count), count: count)
  }

  /// Reads an array; nil is null.
  public mutating func rawArray<Element>(
    _ value: inout [Element]?, minimumSize: Int, make: () -> Element,
    code: (inout Self, inout Element) throws(WireError) -> Void
  ) throws(WireError) {
    guard let count = try length(Int32.self) else { return value = nil }
    guard count <= remaining / minimumSize else {
      throw .lengthOverLimit(count, limit: remaining / minimumSize)
    }
    var elements: [Element] = []
    elements.reserveCapacity(min(count, 1024))
    for _ in 0..<count {
      var element = make()
      try code(&self, &element)
      elements.append(element)
    }
    value = elements
  }

  /// Reads a struct and its tag section.
  public mutating func structure<S: WireStruct>(_ value: inout S) throws(WireError) {
    let outer = tags
    tags = .unread
    try value.read(from: &self)
    if isFlexible { _ = try tagSection() }
    tags = outer
  }

  /// Reads a tagged field where the open struct has it.
  public mutating func tagged(
    _ tag: UInt32, since: Int16, omit: @autoclosure () -> Bool, ignorable: Bool,
    _ body: (inout Self) throws(WireError) -> Void
  ) throws(WireError) {
    guard isFlexible, version >= since else { return }
    guard let range = try tagSection().last(where: { $0.tag == tag })?.range else { return }
    let (afterTags, outerEnd) = (position, end)
    (position, end) = (range.lowerBound, range.upperBound)
    try body(&self)
    guard position == end else { throw .taggedFieldLength(tag: tag) }
    (position, end) = (afterTags, outerEnd)
  }

  /// Reads where the tagged fields of the open struct lie; unknown ones are passed over.
  private mutating func tagSection() throws(WireError) -> [(tag: UInt32, range: Range<Int>)] {
    if case .read(let fields) = tags { return fields }
    var count: UInt32 = 0
    try unsignedVarint(&count)
    guard Int(count) <= remaining / 2 else {
      throw .lengthOverLimit(Int(count), limit: remaining / 2)
    }
    var fields: [(tag: UInt32, range: Range<Int>)] = []
    for _ in 0..<count {
      var tag: UInt32 = 0
      var size: UInt32 = 0
      try unsignedVarint(&tag)
      try unsignedVarint(&size)
      let start = try take(Int(size))
      fields.append((tag, start..<start + Int(size)))
    }
    tags = .read(fields)
    return fields
  }

  /// Reads a string whose length is an INT16 in all versions, as the client id of request headers is.
  mutating func classicString(_ value: inout String?) throws(WireError) {
    var count: Int16 = 0
    try fixed(&count)
    guard count >= 0 else {
      guard count == -1 else { throw .negativeLength(Int(count)) }
      return value = nil
    }
    value = String(decoding: try span(Int(count)), as: UTF8.self)
  }
}
