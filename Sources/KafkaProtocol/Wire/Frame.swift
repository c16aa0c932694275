/// A message ready to be sent: its length, its header and its body, with record data to be put in.
public struct OutgoingFrame: Sendable {
  /// Everything but record data, from the four bytes of the length on.
  public var head: [UInt8]
  /// Where record data goes into `head`, in order.
  public var splices: [WireWriter.Splice]

  /// Length of the whole frame with its record data, in bytes.
  public var count: Int { head.count + splices.reduce(0) { $0 + $1.records.count } }

  /// Frames what a writer holds.
  ///
  /// The writer must begin with four bytes of room for the length.
  fileprivate init(_ writer: WireWriter) throws(WireError) {
    head = writer.bytes
    splices = writer.splices
    guard let length = Int32(exactly: count - 4) else {
      throw .lengthOverLimit(count - 4, limit: Int(Int32.max))
    }
    withUnsafeBytes(of: length.bigEndian) { for (i, byte) in $0.enumerated() { head[i] = byte } }
  }
}

extension KafkaRequest {
  /// Frames the request: length, request header (v1, or v2 in flexible versions), body.
  ///
  /// Record data is left out of the head and belongs at its splices, in the order of the message.
  ///
  /// - Throws: `WireError.unsupportedVersion` outside the API's versions, `fieldNotInVersion` where a
  ///   value would be lost.
  public func frame(version: Int16, correlationID: Int32, clientID: String?) throws(WireError)
    -> OutgoingFrame
  {
    try Self.check(version)
    var writer = WireWriter(version: version, isFlexible: Self.api.isFlexible(version))
    var room: Int32 = 0
    var key = Self.api.rawValue
    var shownVersion = version
    var id = correlationID
    try writer.fixed(&room)
    try writer.fixed(&key)
    try writer.fixed(&shownVersion)
    try writer.fixed(&id)
    try writer.classicString(clientID)
    writer.emptyTags()
    var copy = self
    try writer.structure(&copy)
    return try OutgoingFrame(writer)
  }

  /// Frames a response to this kind of request: length, response header (v0, or v1 in flexible
  /// versions), body.
  ///
  /// - Throws: as `frame(version:correlationID:clientID:)`.
  public static func frame(_ response: Response, version: Int16, correlationID: Int32)
    throws(WireError) -> OutgoingFrame
  {
    try check(version)
    var writer = WireWriter(version: version, isFlexible: api.isFlexible(version))
    var room: Int32 = 0
    var id = correlationID
    try writer.fixed(&room)
    try writer.fixed(&id)
    if api.responseHeaderHasTags(version) { writer.emptyTags() }
    var copy = response
    try writer.structure(&copy)
    return try OutgoingFrame(writer)
  }

  /// Reads a response's frame, its length left off; record data is returned as its place in `frame`.
  ///
  /// Bytes behind the message are counted, not refused: a broker that adds some must not fail.
  /// An ApiVersions response with `unsupportedVersion` is read as version 0, whatever was asked
  /// (KIP-511).
  ///
  /// - Throws: `WireError` where the bytes are not such a response.
  public static func response(in frame: UnsafeRawBufferPointer, version: Int16) throws(WireError)
    -> (correlationID: Int32, response: Response, trailingBytes: Int)
  {
    let version =
      api == .apiVersions ? try versionOfApiVersions(in: frame, asked: version) : version
    try check(version)
    var reader = WireReader(frame, version: version, isFlexible: api.isFlexible(version))
    var id: Int32 = 0
    try reader.fixed(&id)
    if api.responseHeaderHasTags(version) {
      var none = NoFields()
      try reader.structure(&none)
    }
    var response = Response()
    try reader.structure(&response)
    return (id, response, reader.remaining)
  }

  /// Reads a request's body behind its header; record data is returned as its place in `frame`.
  ///
  /// - Throws: `WireError` where the bytes are not such a request and nothing else.
  public static func request(in frame: UnsafeRawBufferPointer, after header: RequestHeader)
    throws(WireError) -> Self
  {
    try check(header.version)
    var reader = WireReader(
      frame, version: header.version, isFlexible: api.isFlexible(header.version))
    _ = try RequestHeader(reading: &reader)
    var request = Self()
    try reader.structure(&request)
    guard reader.remaining == 0 else { throw .trailingBytes(reader.remaining) }
    return request
  }

  private static func check(_ version: Int16) throws(WireError) {
    guard api.versions.contains(version) else {
      throw .unsupportedVersion(api: api.name, version: version)
    }
  }

  private static func versionOfApiVersions(
    in frame: UnsafeRawBufferPointer, asked version: Int16
  ) throws(WireError) -> Int16 {
    var peek = WireReader(frame, version: 0, isFlexible: false)
    var id: Int32 = 0
    var errorCode = ErrorCode.none
    try peek.fixed(&id)
    try peek.errorCode(&errorCode)
    return errorCode == .unsupportedVersion ? 0 : version
  }
}

/// The header of a request: `RequestHeader` v1, or v2 in flexible versions.
public struct RequestHeader: Sendable {
  /// The API key as it came, known or not.
  public var key: Int16
  /// The version of the request.
  public var version: Int16
  /// Repeated in the response.
  public var correlationID: Int32
  /// Who asks; nil where the client gives no name.
  public var clientID: String?

  /// Reads the header at the start of a request's frame, its length left off.
  ///
  /// - Throws: `WireError` where the bytes are not a header.
  public init(in frame: UnsafeRawBufferPointer) throws(WireError) {
    var peek = WireReader(frame, version: 0, isFlexible: false)
    var key: Int16 = 0
    var version: Int16 = 0
    try peek.fixed(&key)
    try peek.fixed(&version)
    let isFlexible = APIKey(rawValue: key)?.isFlexible(version) ?? false
    var reader = WireReader(frame, version: version, isFlexible: isFlexible)
    self = try RequestHeader(reading: &reader)
  }

  fileprivate init(reading reader: inout WireReader) throws(WireError) {
    (key, version, correlationID) = (0, 0, 0)
    try reader.fixed(&key)
    try reader.fixed(&version)
    try reader.fixed(&correlationID)
    try reader.classicString(&clientID)
    if reader.isFlexible {
      var none = NoFields()
      try reader.structure(&none)
    }
  }
}

/// A struct of which only the tag section is there.
private struct NoFields: WireStruct {
  mutating func code(_ wire: inout some WireCoder) throws(WireError) {}
}
