extension JSONReader {
  /// The bytes of a span as they stand in the text.
  public func text(_ span: JSONSpan) -> UnsafeRawBufferPointer {
    guard span.offset >= 0, span.count >= 0, span.offset <= bytes.count,
      span.count <= bytes.count - span.offset
    else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(rebasing: bytes[span.offset..<span.offset + span.count])
  }

  /// The value of a string or a name.
  public func string(_ span: JSONSpan) -> String {
    if !span.hasEscapes { return String(decoding: text(span), as: UTF8.self) }
    var value: [UInt8] = []
    appendValue(of: span, to: &value)
    return String(decoding: value, as: UTF8.self)
  }

  /// Appends the value of a string or a name, as UTF-8.
  public func appendValue(of span: JSONSpan, to value: inout [UInt8]) {
    let text = text(span)
    guard span.hasEscapes else {
      value.append(contentsOf: text)
      return
    }
    value.reserveCapacity(value.count + text.count)
    let end = span.offset + text.count
    var at = span.offset
    while at < end, let byte = peek(at) {
      guard byte == UInt8(ascii: "\\"), let kind = peek(at + 1) else {
        value.append(byte)
        at += 1
        continue
      }
      if let short = Self.shortEscape(kind) {
        value.append(short)
        at += 2
        continue
      }
      var scalar = UInt32(hexUnit(at + 2) ?? 0xFFFD)
      at += 6
      if scalar & 0xFC00 == 0xD800, let low = hexUnit(at + 2) {
        scalar = 0x10000 + (scalar & 0x3FF) << 10 + UInt32(low & 0x3FF)
        at += 6
      }
      value.append(contentsOf: String(Character(Unicode.Scalar(scalar) ?? "\u{FFFD}")).utf8)
    }
  }

  /// True where a string or a name has this value, however it is written.
  public func matches(_ span: JSONSpan, _ value: StaticString) -> Bool {
    let wanted = UnsafeBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount)
    if !span.hasEscapes { return text(span).elementsEqual(wanted) }
    var decoded: [UInt8] = []
    appendValue(of: span, to: &decoded)
    return decoded.elementsEqual(wanted)
  }

  /// A number as an integer; nil where it has a fraction or an exponent or does not fit.
  public func integer(_ span: JSONSpan) -> Int64? {
    Int64(String(decoding: text(span), as: UTF8.self))
  }

  /// A number rounded to 64-bit floating point; infinite where it is too large.
  public func double(_ span: JSONSpan) -> Double? {
    Double(String(decoding: text(span), as: UTF8.self))
  }
}
