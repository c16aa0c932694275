import KafkaProtocol

/// A message that is not Kafka's, with one field of each kind.
///
/// Version 0 has the first fields, 1 the ignorable ones, 2 is flexible and has tags.
struct WireSample: WireStruct {
  var number: Int32 = 0
  var name: String? = ""
  var numbers: [Int32] = []
  var names: [String] = []
  var parts: [Part] = []
  var data: [UInt8]?
  var records: RecordsSlice?
  var lost: Int16 = -1
  var ignored: Int16 = -1
  var small: Int32 = 0
  var text = ""
  var part = Part()

  struct Part: WireStruct, Hashable {
    var value: Int8 = 0
    mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int8(&value)
    }
  }

  mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&number)
    try wire.nullableString(&name, nullableSince: 1)
    try wire.int32s(&numbers)
    try wire.strings(&names)
    try wire.structs(&parts)
    try wire.nullableBytes(&data, nullableSince: 1)
    try wire.records(&records)
    try wire.int16(&lost, since: 1, default: -1)
    try wire.int16(&ignored, since: 1, default: -1, ignorable: true)
    try wire.tagged(0, since: 2, omit: small == 0, ignorable: false) {
      (wire) throws(WireError) in try wire.int32(&small)
    }
    try wire.tagged(3, since: 2, omit: text.isEmpty, ignorable: true) {
      (wire) throws(WireError) in try wire.string(&text)
    }
    try wire.tagged(1, since: 2, omit: part == Part(), ignorable: true) {
      (wire) throws(WireError) in try wire.structure(&part)
    }
  }

  /// Version 2 of the default value without its tag section.
  static let plain: [UInt8] = [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0xff, 0xff, 0xff, 0xff]

  func bytes(_ version: Int16) throws(WireError) -> [UInt8] {
    try encode(version: version, isFlexible: version >= 2).bytes
  }

  static func read(_ bytes: [UInt8], _ version: Int16) throws(WireError) -> WireSample {
    try bytes.reading { (buffer) throws(WireError) in
      try decode(buffer, version: version, isFlexible: version >= 2).message
    }
  }
}

extension [UInt8] {
  func reading<T, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> T)
    throws(Failure) -> T
  {
    let result = withUnsafeBytes { (buffer) -> Result<T, Failure> in
      Result { () throws(Failure) in try body(buffer) }
    }
    return try result.get()
  }
}
