/// What the members of a group tell each other; brokers hand it on unread.
///
/// On the wire it begins with its version, an INT16; no version is flexible.
public protocol GroupData: WireStruct {
  /// Kafka's name of the data.
  static var name: String { get }
  /// The versions that hbcat can read and write.
  static var versions: ClosedRange<Int16> { get }
}

extension GroupData {
  /// Reads data behind its version.
  ///
  /// A version that is too new is read as the newest known, and bytes behind the data are ignored:
  /// newer versions only add fields at the end. `version` is the one as which it was read.
  ///
  /// - Throws: `WireError.unsupportedVersion` where the version is negative, another `WireError` where
  ///   the bytes are not such data; no bytes at all are `truncated`.
  public static func decode(_ bytes: [UInt8]) throws(WireError) -> (version: Int16, data: Self) {
    let result = bytes.withUnsafeBytes { (bytes) in
      Result { () throws(WireError) in try decode(bytes) }
    }
    return try result.get()
  }

  private static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError)
    -> (version: Int16, data: Self)
  {
    var prefix = WireReader(bytes, version: 0, isFlexible: false)
    var stated: Int16 = 0
    try prefix.fixed(&stated)
    guard stated >= versions.lowerBound else {
      throw .unsupportedVersion(api: name, version: stated)
    }
    let version = min(stated, versions.upperBound)
    let body = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(prefix.consumed))
    return (version, try decode(body, version: version, isFlexible: false).message)
  }

  /// Writes the data behind its version; values that the version lacks are left out where Kafka says
  /// that they may be.
  ///
  /// - Throws: `WireError.unsupportedVersion` outside `versions`, `lengthOverLimit` where a text is too
  ///   long.
  public func encode(version: Int16) throws(WireError) -> [UInt8] {
    guard Self.versions.contains(version) else {
      throw .unsupportedVersion(api: Self.name, version: version)
    }
    var writer = WireWriter(version: version, isFlexible: false)
    var shownVersion = version
    try writer.fixed(&shownVersion)
    var copy = self
    try writer.structure(&copy)
    return writer.bytes
  }
}
