/// How records are printed: kcat's `-f` language, its default, or its JSON envelope.
///
/// A value of the plan: it knows neither topic nor partition. `PartitionFormat` is made of it.
struct RecordFormat: Sendable, Equatable {
  /// One piece of the output.
  enum Token: Sendable, Equatable {
    /// Bytes as they are.
    case literal([UInt8])
    /// `%s`: the value.
    case value
    /// `%S`: the value's length, −1 for null.
    case valueLength
    /// `%R`: the same as four bytes, big-endian.
    case valueLengthBinary
    /// `%k`: the key.
    case key
    /// `%K`: the key's length, −1 for null.
    case keyLength
    /// `%T`: the timestamp in milliseconds, −1 if there is none.
    case timestamp
    /// `%h`: `name=value,name=value`.
    case headers
    /// `%t`: the topic.
    case topic
    /// `%p`: the partition.
    case partition
    /// `%o`: the offset.
    case offset
  }

  /// What is printed.
  enum Style: Sendable, Equatable {
    /// Token by token.
    case tokens([Token])
    /// One JSON object per record, and the separator behind it.
    case json(separator: [UInt8])
  }

  var style: Style
  /// What is printed in place of a null key or value, but not of an empty one; `-Z` sets `NULL`.
  var nullText: [UInt8] = []
  /// `-s key=…`.
  var keySerdes: Serdes? = nil
  /// `-s value=…`.
  var valueSerdes: Serdes? = nil

  init(style: Style) { self.style = style }

  /// Whether a schema registry is needed.
  var hasAvro: Bool { keySerdes == .avro || valueSerdes == .avro }

  /// Compiles a format string of `-f`.
  init(parsing text: String) throws(FormatError) {
    style = .tokens(try Self.tokens(of: text))
  }

  /// The default: the value and a delimiter, in front of them the key if it has a delimiter.
  ///
  /// Delimiters are bytes, never format strings. `offsetDelimiter` is `-O`: the offset comes first,
  /// with this behind it.
  static func delimited(
    by delimiter: [UInt8], keyDelimiter: [UInt8]? = nil, offsetDelimiter: [UInt8]? = nil
  ) -> RecordFormat {
    var tokens: [Token] = []
    if let offsetDelimiter { tokens += [.offset, .literal(offsetDelimiter)] }
    if let keyDelimiter { tokens += [.key, .literal(keyDelimiter)] }
    tokens += [.value, .literal(delimiter)]
    return RecordFormat(style: .tokens(tokens))
  }

  /// `-J`: the envelope, with `-D`'s bytes behind each object.
  static func json(separator: [UInt8]) -> RecordFormat {
    RecordFormat(style: .json(separator: separator))
  }

  /// `-J -f TEXT`: the envelope; of the format only a literal at its beginning counts, as separator.
  static func json(separatedByFormat text: String) throws(FormatError) -> RecordFormat {
    guard case .literal(let bytes) = try tokens(of: text).first, !text.hasPrefix("%") else {
      return .json(separator: [])
    }
    return .json(separator: bytes)
  }

  /// Splits at `%`, before escapes are looked at: so `\%` does not escape the `%`, as in kcat.
  private static func tokens(of text: String) throws(FormatError) -> [Token] {
    let bytes = Array(text.utf8)
    var tokens: [Token] = []
    var at = 0
    while at < bytes.count {
      let percent = bytes[at...].firstIndex(of: UInt8(ascii: "%")) ?? bytes.count
      if percent > at { tokens.append(.literal(FormatEscapes.decode(bytes[at..<percent]))) }
      guard percent < bytes.count else { break }
      guard percent + 1 < bytes.count else { throw .emptyFormatter }
      tokens.append(try token(named: bytes[percent + 1]))
      at = percent + 2
    }
    return tokens
  }

  private static func token(named letter: UInt8) throws(FormatError) -> Token {
    switch letter {
    case UInt8(ascii: "s"): .value
    case UInt8(ascii: "S"): .valueLength
    case UInt8(ascii: "R"): .valueLengthBinary
    case UInt8(ascii: "k"): .key
    case UInt8(ascii: "K"): .keyLength
    case UInt8(ascii: "T"): .timestamp
    case UInt8(ascii: "h"): .headers
    case UInt8(ascii: "t"): .topic
    case UInt8(ascii: "p"): .partition
    case UInt8(ascii: "o"): .offset
    case UInt8(ascii: "%"): .literal([letter])
    default: throw .unsupportedFormatter(letter)
    }
  }
}
