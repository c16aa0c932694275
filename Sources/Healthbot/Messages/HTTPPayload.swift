/// What is posted to a webhook.
///
/// Nothing of an alarm is in a header: there is one header, and it is always the same.
public struct HTTPPayload: Equatable, Sendable {
  /// The one header's name.
  public static let headerName = "Content-Type"
  /// The one header's value.
  public static let headerValue = "application/json"
  /// The largest body, in bytes.
  public static let bytesMax = 1 << 20

  /// The body, a JSON text of ASCII alone.
  public let body: [UInt8]

  init(body: [UInt8]) { self.body = body }

  /// The body of `http-post`: the alarm line.
  /// - Throws: `PayloadError` where it is too large to be posted.
  public init(webhook alarm: Alarm) throws(PayloadError) {
    body = AlarmLine.bytes(of: alarm)
    if body.count > Self.bytesMax { throw .tooLarge(byteCount: body.count) }
  }
}

/// Why an alarm does not become a payload.
public enum PayloadError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The alarm line is larger than what is posted.
  case tooLarge(byteCount: Int)

  /// The thing, the value, the way out.
  public var description: String {
    switch self {
    case .tooLarge(let byteCount):
      "the alarm line has \(byteCount) bytes; a webhook gets at most \(HTTPPayload.bytesMax): "
        + "shorten the message or the keys, or send it by kafka-publish"
    }
  }
}
