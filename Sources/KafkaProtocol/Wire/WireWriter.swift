/// Writes a message into bytes of its own; record data is left out and its place noted.
public struct WireWriter: WireCoder {
  /// The version of the message.
  public let version: Int16
  /// True where the version has compact lengths and tagged fields.
  public let isFlexible: Bool
  /// True: values go out.
  public static var isWriter: Bool { true }

  /// What was written so far.
  public private(set) var bytes: [UInt8] = []
  /// Where record data belongs, in order.
  public private(set) var splices: [Splice] = []
  private var tags: [(tag: UInt32, content: [UInt8])] = []

  /// A place in a message's head at which record data goes out.
  public struct Splice: Hashable, Sendable {
    /// Bytes of the head that go before the data.
    public var headCount: Int
    /// Where the data lies, as the message said.
    public var records: RecordsSlice
  }

  /// Makes a writer for a message of `version`.
  public init(version: Int16, isFlexible: Bool) {
    self.version = version
    self.isFlexible = isFlexible
  }

  /// Writes an integer of fixed width, big-endian.
  public mutating func fixed<T: FixedWidthInteger>(_ value: inout T) throws(WireError) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  /// Writes an unsigned varint of up to 32 bits.
  public mutating func unsignedVarint(_ value: inout UInt32) throws(WireError) {
    append(varint: value)
  }

  private mutating func append(varint value: UInt32) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Writes a length in the version's form; nil is null.
  private mutating func append<T: FixedWidthInteger & SignedInteger>(
    length: Int?, as type: T.Type
  ) throws(WireError) {
    if isFlexible {
      guard let length else { return append(varint: 0) }
      guard let narrow = UInt32(exactly: length + 1) else {
        throw .lengthOverLimit(length, limit: Int(UInt32.max) - 1)
      }
      return append(varint: narrow)
    }
    guard var narrow = T(exactly: length ?? -1) else {
      throw .lengthOverLimit(length ?? -1, limit: Int(T.max))
    }
    try fixed(&narrow)
  }

  /// Writes a string; nil is null.
  public mutating func rawString(_ value: inout String?) throws(WireError) {
    let count = value?.utf8.count
    if let count, count > Int(Int16.max) { throw .lengthOverLimit(count, limit: Int(Int16.max)) }
    try append(length: count, as: Int16.self)
    if let value { bytes.append(contentsOf: value.utf8) }
  }

  /// Writes bytes; nil is null.
  public mutating func rawBytes(_ value: inout [UInt8]?) throws(WireError) {
    try append(length: value?.count, as: Int32.self)
    if let value { bytes.append(contentsOf: value) }
  }

  /// Writes the length of record data and notes where the data belongs; nil is null.
  public mutating func rawRecords(_ value: inout RecordsSlice?) throws(WireError) {
    try append(length: value?.count, as: Int32.self)
    if let value { splices.append(Splice(headCount: bytes.count, records: value)) }
  }

  /// Writes an array; nil is null.
  public mutating func rawArray<Element>(
    _ value: inout [Element]?, minimumSize: Int, make: () -> Element,
    code: (inout Self, inout Element) throws(WireError) -> Void
  ) throws(WireError) {
    try append(length: value?.count, as: Int32.self)
    guard let elements = value else { return }
    for var element in elements { try code(&self, &element) }
  }

  /// Writes a struct and its tag section.
  public mutating func structure<S: WireStruct>(_ value: inout S) throws(WireError) {
    let outer = tags
    tags = []
    try value.write(to: &self)
    if isFlexible {
      append(varint: UInt32(tags.count))
      if !tags.isEmpty { appendTags() }
    }
    tags = outer
  }

  private mutating func appendTags() {
    for field in tags.sorted(by: { $0.tag < $1.tag }) {
      append(varint: field.tag)
      append(varint: UInt32(field.content.count))
      bytes.append(contentsOf: field.content)
    }
  }

  /// Puts a tagged field by until its struct is closed.
  public mutating func tagged(
    _ tag: UInt32, since: Int16, omit: @autoclosure () -> Bool, ignorable: Bool,
    _ body: (inout Self) throws(WireError) -> Void
  ) throws(WireError) {
    if omit() { return }
    guard isFlexible, version >= since else {
      if ignorable { return }
      throw .fieldNotInVersion(version: version)
    }
    var content: [UInt8] = []
    swap(&bytes, &content)
    try body(&self)
    swap(&bytes, &content)
    tags.append((tag, content))
  }

  /// Writes a string whose length is an INT16 in all versions, as the client id of request headers is.
  mutating func classicString(_ value: String?) throws(WireError) {
    guard var count = Int16(exactly: value?.utf8.count ?? -1) else {
      throw .lengthOverLimit(value?.utf8.count ?? -1, limit: Int(Int16.max))
    }
    try fixed(&count)
    if let value { bytes.append(contentsOf: value.utf8) }
  }

  /// Writes an empty tag section, where the version has one.
  mutating func emptyTags() {
    if isFlexible { append(varint: 0) }
  }
}
