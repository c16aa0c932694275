/// Cuts a stream of bytes into JSON documents that follow one another, on one line or on many.
///
/// A value without I/O: chunks in, documents out. Documents are objects or arrays, with nothing or
/// blanks between them. It looks at brackets and quotes only; whether a document is JSON its reader says.
/// Where brackets do not fit, or an object follows another one without a comma inside of one that is still
/// open (so does the next document after one that was cut off), the rest goes on with the next line, or
/// with that object.
public struct JSONDocumentSplitter: Sendable {
  /// The largest document, in bytes, unless told otherwise.
  public static let bytesMaxDefault = 8 << 20

  /// What was found.
  public enum Piece: Equatable, Sendable {
    /// A whole document, and the line of the stream, from 1, on which it begins.
    case document([UInt8], line: Int)
    /// Something else, why it is none, and the line on which it begins.
    case broken(String, line: Int)
  }

  private enum State { case between, inDocument, tooLarge, skippingLine }

  private let bytesMax: Int
  private var state = State.between
  private var line = 1
  private var bytes: [UInt8] = []
  /// The line on which the document begins.
  private var firstLine = 1
  /// Bit `depth - 1` says whether that level is an object.
  private var objects: UInt64 = 0
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  /// Whether the last byte that is no blank closed an object.
  private var isBehindObject = false

  /// Begins a stream.
  public init(bytesMax: Int = bytesMaxDefault) { self.bytesMax = bytesMax }

  /// Takes the next bytes of the stream and says each piece that they end.
  public mutating func feed(_ chunk: UnsafeRawBufferPointer, _ each: (Piece) -> Void) {
    for byte in chunk {
      if byte == UInt8(ascii: "\n") { line += 1 }
      switch state {
      case .between: begin(byte, each)
      case .inDocument, .tooLarge: take(byte, each)
      case .skippingLine: if byte == UInt8(ascii: "\n") { state = .between }
      }
    }
  }

  /// Ends the stream; a document that has not ended is broken.
  public mutating func finish(_ each: (Piece) -> Void) {
    if state == .inDocument { fail("the input ends inside of the document", each) }
    state = .between
  }

  private mutating func begin(_ byte: UInt8, _ each: (Piece) -> Void) {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): break
    case UInt8(ascii: "{"), UInt8(ascii: "["): open(byte)
    default:
      firstLine = line
      fail("a document begins with { or [", each)
    }
  }

  private mutating func open(_ byte: UInt8) {
    state = .inDocument
    bytes = [byte]
    firstLine = line
    objects = byte == UInt8(ascii: "{") ? 1 : 0
    depth = 1
    isInString = false
    isEscaped = false
    isBehindObject = false
  }

  private mutating func take(_ byte: UInt8, _ each: (Piece) -> Void) {
    if state == .inDocument {
      bytes.append(byte)
      if bytes.count > bytesMax {
        each(.broken("a document may have \(bytesMax) bytes", line: firstLine))
        bytes = []
        state = .tooLarge
      }
    }
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
      }
      return
    }
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): return
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): enter(byte, each)
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      leave(byte, each)
      isBehindObject = byte == UInt8(ascii: "}")
      return
    default: break
    }
    isBehindObject = false
  }

  private mutating func enter(_ byte: UInt8, _ each: (Piece) -> Void) {
    if isBehindObject, byte == UInt8(ascii: "{") {
      if state == .inDocument {
        each(.broken("the document is cut off: another one follows in it", line: firstLine))
      }
      return open(byte)
    }
    guard depth < JSONReader.depthMax else {
      return fail("more than \(JSONReader.depthMax) arrays and objects in one another", each)
    }
    let bit: UInt64 = 1 << UInt64(depth)
    objects = byte == UInt8(ascii: "{") ? objects | bit : objects & ~bit
    depth += 1
  }

  private mutating func leave(_ byte: UInt8, _ each: (Piece) -> Void) {
    let isObject = objects >> UInt64(depth - 1) & 1 == 1
    guard isObject == (byte == UInt8(ascii: "}")) else {
      return fail(
        "\(Unicode.Scalar(byte)) where \(isObject ? "}" : "]") must come first", each)
    }
    depth -= 1
    guard depth == 0 else { return }
    if state == .inDocument { each(.document(bytes, line: firstLine)) }
    bytes = []
    state = .between
  }

  /// Says that the document is broken, unless that was said, and passes over the rest of its line.
  private mutating func fail(_ why: String, _ each: (Piece) -> Void) {
    if state != .tooLarge { each(.broken(why, line: firstLine)) }
    bytes = []
    state = .skippingLine
  }
}
