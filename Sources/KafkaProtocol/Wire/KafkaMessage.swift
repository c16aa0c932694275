/// A request and the response that answers it; both have the same versions.
public protocol KafkaRequest: WireStruct {
  /// What answers it.
  associatedtype Response: WireStruct
  /// Key, name and versions.
  static var api: APIKey { get }
}

extension WireStruct {
  /// Reads a message that fills `bytes`.
  ///
  /// Record data is returned as its place in `bytes`. Trailing bytes are ignored: a broker that adds
  /// some must not be refused (`consumed` tells).
  ///
  /// - Throws: `WireError` where the bytes are not such a message.
  public static func decode(
    _ bytes: UnsafeRawBufferPointer, version: Int16, isFlexible: Bool
  ) throws(WireError) -> (message: Self, consumed: Int) {
    var reader = WireReader(bytes, version: version, isFlexible: isFlexible)
    var message = Self()
    try reader.structure(&message)
    return (message, reader.consumed)
  }

  /// Writes the message, without any header.
  ///
  /// - Throws: `WireError.fieldNotInVersion` where the version would lose a value.
  public func encode(version: Int16, isFlexible: Bool) throws(WireError) -> WireWriter {
    var writer = WireWriter(version: version, isFlexible: isFlexible)
    var copy = self
    try writer.structure(&copy)
    return writer
  }
}
