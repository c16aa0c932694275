/// A value that describes its fields once, for reading and writing and for all versions.
public protocol WireStruct: Sendable {
  /// The value that each field has where a version lacks it.
  init()
  /// Visits each field in the order of the wire, tagged fields last.
  mutating func code(_ wire: inout some WireCoder) throws(WireError)
  /// Reads the fields; not to be implemented.
  mutating func read(from wire: inout WireReader) throws(WireError)
  /// Writes the fields; not to be implemented.
  mutating func write(to wire: inout WireWriter) throws(WireError)
}

// `code` for each of the two coders, as a requirement of its own: so each message has a version of
// `code` that the compiler made for that coder, even where the caller does not know the message's type.
// Reading a Fetch response is seven times faster for it.
extension WireStruct {
  /// Reads the fields.
  public mutating func read(from wire: inout WireReader) throws(WireError) { try code(&wire) }
  /// Writes the fields.
  public mutating func write(to wire: inout WireWriter) throws(WireError) { try code(&wire) }
}

/// Visits the fields of a message in order: either reads them or writes them.
///
/// A field is present in the versions `since ... until`. Where it is absent, the reader leaves the value
/// as it is and the writer refuses a value other than `default`, unless Kafka's definition calls the
/// field `ignorable`. Integers are big-endian; flexible versions (KIP-482) encode lengths compactly.
public protocol WireCoder {
  /// The version of the message.
  var version: Int16 { get }
  /// True from the version on that has compact lengths and tagged fields (KIP-482).
  var isFlexible: Bool { get }
  /// True where values go out.
  static var isWriter: Bool { get }

  /// Codes an integer of fixed width.
  mutating func fixed<T: FixedWidthInteger>(_ value: inout T) throws(WireError)
  /// Codes an unsigned varint of up to 32 bits.
  mutating func unsignedVarint(_ value: inout UInt32) throws(WireError)
  /// Codes a string with its length in the version's form; nil is null.
  mutating func rawString(_ value: inout String?) throws(WireError)
  /// Codes bytes with their length in the version's form; nil is null.
  mutating func rawBytes(_ value: inout [UInt8]?) throws(WireError)
  /// Codes record data, which stays outside the visitor; nil is null.
  mutating func rawRecords(_ value: inout RecordsSlice?) throws(WireError)
  /// Codes an array with its count in the version's form; nil is null.
  mutating func rawArray<Element>(
    _ value: inout [Element]?, minimumSize: Int, make: () -> Element,
    code: (inout Self, inout Element) throws(WireError) -> Void
  ) throws(WireError)
  /// Codes a struct and closes it with its tagged fields.
  mutating func structure<S: WireStruct>(_ value: inout S) throws(WireError)
  /// Codes a tagged field (KIP-482): written only where `omit` is false, by rising tag, behind all others.
  mutating func tagged(
    _ tag: UInt32, since: Int16, omit: @autoclosure () -> Bool, ignorable: Bool,
    _ body: (inout Self) throws(WireError) -> Void
  ) throws(WireError)
}

/// Where a message's record data lies: in the frame when read, behind the head when written.
public struct RecordsSlice: Hashable, Sendable {
  /// Bytes from the start of the frame's body; unused when writing.
  public var offset: Int
  /// Length in bytes.
  public var count: Int
  /// Makes a slice of `count` bytes at `offset`.
  public init(offset: Int = 0, count: Int) {
    self.offset = offset
    self.count = count
  }
}

extension WireCoder {
  /// True where the version has the field; throws where a value would be lost.
  func has(_ since: Int16, _ until: Int16, isDefault: @autoclosure () -> Bool, ignorable: Bool)
    throws(WireError) -> Bool
  {
    if version >= since && version <= until { return true }
    if Self.isWriter && !ignorable && !isDefault() { throw .fieldNotInVersion(version: version) }
    return false
  }

  /// Codes a boolean.
  public mutating func bool(
    _ value: inout Bool, since: Int16 = 0, until: Int16 = .max, default missing: Bool = false,
    ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == missing, ignorable: ignorable) else { return }
    var byte: UInt8 = value ? 1 : 0
    try fixed(&byte)
    value = byte != 0
  }

  /// Codes an INT8.
  public mutating func int8(
    _ value: inout Int8, since: Int16 = 0, until: Int16 = .max, default missing: Int8 = 0,
    ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == missing, ignorable: ignorable) else { return }
    try fixed(&value)
  }

  /// Codes an INT16.
  public mutating func int16(
    _ value: inout Int16, since: Int16 = 0, until: Int16 = .max, default missing: Int16 = 0,
    ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == missing, ignorable: ignorable) else { return }
    try fixed(&value)
  }

  /// Codes a UINT16.
  public mutating func uint16(
    _ value: inout UInt16, since: Int16 = 0, until: Int16 = .max, default missing: UInt16 = 0,
    ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == missing, ignorable: ignorable) else { return }
    try fixed(&value)
  }

  /// Codes an INT32.
  public mutating func int32(
    _ value: inout Int32, since: Int16 = 0, until: Int16 = .max, default missing: Int32 = 0,
    ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == missing, ignorable: ignorable) else { return }
    try fixed(&value)
  }

  /// Codes an INT64.
  public mutating func int64(
    _ value: inout Int64, since: Int16 = 0, until: Int16 = .max, default missing: Int64 = 0,
    ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == missing, ignorable: ignorable) else { return }
    try fixed(&value)
  }

  /// Codes an error code (INT16).
  public mutating func errorCode(
    _ value: inout ErrorCode, since: Int16 = 0, until: Int16 = .max, ignorable: Bool = false
  ) throws(WireError) {
    try int16(&value.rawValue, since: since, until: until, ignorable: ignorable)
  }

  /// Codes a UUID (16 bytes).
  public mutating func uuid(
    _ value: inout Uuid, since: Int16 = 0, until: Int16 = .max, ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == .zero, ignorable: ignorable) else { return }
    try fixed(&value.high)
    try fixed(&value.low)
  }

  /// Codes a string.
  public mutating func string(
    _ value: inout String, since: Int16 = 0, until: Int16 = .max, default missing: String = "",
    ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == missing, ignorable: ignorable) else { return }
    var raw: String? = value
    try rawString(&raw)
    guard let raw else { throw .unexpectedNull }
    value = raw
  }

  /// Codes a string that may be null from version `nullableSince` on.
  public mutating func nullableString(
    _ value: inout String?, since: Int16 = 0, until: Int16 = .max, nullableSince: Int16 = 0,
    default missing: String? = nil, ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == missing, ignorable: ignorable) else { return }
    if Self.isWriter { try refuseNull(value == nil, nullableSince) }
    try rawString(&value)
    try refuseNull(value == nil, nullableSince)
  }

  /// Codes bytes.
  public mutating func bytes(
    _ value: inout [UInt8], since: Int16 = 0, until: Int16 = .max, ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value.isEmpty, ignorable: ignorable) else { return }
    var raw: [UInt8]? = value
    try rawBytes(&raw)
    guard let raw else { throw .unexpectedNull }
    value = raw
  }

  /// Codes bytes that may be null from version `nullableSince` on.
  public mutating func nullableBytes(
    _ value: inout [UInt8]?, since: Int16 = 0, until: Int16 = .max, nullableSince: Int16 = 0,
    ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == nil, ignorable: ignorable) else { return }
    if Self.isWriter { try refuseNull(value == nil, nullableSince) }
    try rawBytes(&value)
    try refuseNull(value == nil, nullableSince)
  }

  /// Codes record batches or message sets; the bytes stay where they are.
  ///
  /// They may be null up to version `nullableUntil`.
  public mutating func records(
    _ value: inout RecordsSlice?, since: Int16 = 0, until: Int16 = .max,
    nullableUntil: Int16 = .max
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == nil, ignorable: false) else { return }
    if Self.isWriter && value == nil && version > nullableUntil { throw .unexpectedNull }
    try rawRecords(&value)
    if value == nil && version > nullableUntil { throw .unexpectedNull }
  }

  /// Codes a struct that may be null, behind an INT8 that says so: −1 for null, else 1.
  public mutating func nullableStructure<S: WireStruct>(
    _ value: inout S?, since: Int16 = 0, until: Int16 = .max, ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == nil, ignorable: ignorable) else { return }
    var marker: Int8 = value == nil ? -1 : 1
    try fixed(&marker)
    guard marker >= 0 else { return value = nil }
    var present = value ?? S()
    try structure(&present)
    value = present
  }

  /// Codes an array of structs.
  public mutating func structs<S: WireStruct>(
    _ value: inout [S], since: Int16 = 0, until: Int16 = .max, ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value.isEmpty, ignorable: ignorable) else { return }
    var raw: [S]? = value
    value = []
    try rawStructs(&raw)
    guard let raw else { throw .unexpectedNull }
    value = raw
  }

  /// Codes an array of structs that may be null from version `nullableSince` on.
  public mutating func nullableStructs<S: WireStruct>(
    _ value: inout [S]?, since: Int16 = 0, until: Int16 = .max, nullableSince: Int16 = 0,
    ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == nil, ignorable: ignorable) else { return }
    if Self.isWriter { try refuseNull(value == nil, nullableSince) }
    try rawStructs(&value)
    try refuseNull(value == nil, nullableSince)
  }

  /// Codes an array of INT8.
  public mutating func int8s(
    _ value: inout [Int8], since: Int16 = 0, until: Int16 = .max, ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value.isEmpty, ignorable: ignorable) else { return }
    var raw: [Int8]? = value
    try rawArray(&raw, minimumSize: 1, make: { 0 }) { (wire, element) throws(WireError) in
      try wire.fixed(&element)
    }
    guard let raw else { throw .unexpectedNull }
    value = raw
  }

  /// Codes an array of INT32.
  public mutating func int32s(
    _ value: inout [Int32], since: Int16 = 0, until: Int16 = .max, ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value.isEmpty, ignorable: ignorable) else { return }
    var raw: [Int32]? = value
    try rawArray(&raw, minimumSize: 4, make: { 0 }) { (wire, element) throws(WireError) in
      try wire.fixed(&element)
    }
    guard let raw else { throw .unexpectedNull }
    value = raw
  }

  /// Codes an array of INT64.
  public mutating func int64s(
    _ value: inout [Int64], since: Int16 = 0, until: Int16 = .max, ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value.isEmpty, ignorable: ignorable) else { return }
    var raw: [Int64]? = value
    try rawArray(&raw, minimumSize: 8, make: { 0 }) { (wire, element) throws(WireError) in
      try wire.fixed(&element)
    }
    guard let raw else { throw .unexpectedNull }
    value = raw
  }

  /// Codes an array of strings.
  public mutating func strings(
    _ value: inout [String], since: Int16 = 0, until: Int16 = .max, ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value.isEmpty, ignorable: ignorable) else { return }
    var raw: [String]? = value
    try rawStrings(&raw)
    guard let raw else { throw .unexpectedNull }
    value = raw
  }

  /// Codes an array of strings that may be null.
  public mutating func nullableStrings(
    _ value: inout [String]?, since: Int16 = 0, until: Int16 = .max, ignorable: Bool = false
  ) throws(WireError) {
    guard try has(since, until, isDefault: value == nil, ignorable: ignorable) else { return }
    try rawStrings(&value)
  }

  private mutating func rawStrings(_ value: inout [String]?) throws(WireError) {
    try rawArray(&value, minimumSize: 1, make: { "" }) { (wire, element) throws(WireError) in
      var string: String? = element
      try wire.rawString(&string)
      guard let string else { throw .unexpectedNull }
      element = string
    }
  }

  private mutating func rawStructs<S: WireStruct>(_ value: inout [S]?) throws(WireError) {
    try rawArray(&value, minimumSize: 1, make: { S() }) { (wire, element) throws(WireError) in
      try wire.structure(&element)
    }
  }

  private func refuseNull(_ isNull: Bool, _ nullableSince: Int16) throws(WireError) {
    if isNull && version < nullableSince { throw .unexpectedNull }
  }
}
