public import JSON

/// Any JSON value, kept as the text that the alarm line will hold.
public struct AlarmValue: Hashable, Sendable {
  /// The value as Python's `json.dumps(sort_keys=True)` writes it; numbers keep their own text.
  public let json: String

  /// A string, as options give it.
  public init(string: String) {
    var writer = JSONWriter(.python)
    writer.string(string)
    json = String(decoding: writer.bytes, as: UTF8.self)
  }

  /// A value that is JSON already.
  /// - Throws: `JSONError` where it is not, or an object in it has a name twice.
  public init(parsing text: String) throws(JSONError) {
    let bytes = Array(text.utf8)
    let result = bytes.withUnsafeBytes { bytes -> Result<String, JSONError> in
      Result { () throws(JSONError) -> String in
        var reader = JSONReader(bytes)
        let value = try AlarmValue(reading: &reader)
        _ = try reader.next()
        return value.json
      }
    }
    json = try result.get()
  }

  /// What a person reads: a string without its quotes and escapes, anything else as JSON.
  public var text: String {
    Array(json.utf8).withUnsafeBytes { bytes in
      var reader = JSONReader(bytes)
      guard case .string(let span) = try? reader.next() else { return json }
      return reader.string(span)
    }
  }

  /// Reads the value that comes next.
  init(reading reader: inout JSONReader) throws(JSONError) {
    var text: [UInt8] = []
    try reader.appendSorted(to: &text)
    json = String(decoding: text, as: UTF8.self)
  }
}
