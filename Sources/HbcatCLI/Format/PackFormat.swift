/// A pack format of `-s`: how binary data is taken apart and printed.
///
/// `b B h H i I q Q` are integers of 1, 2, 4 and 8 bytes, signed and unsigned; `c` is one byte, `s` the
/// rest, `$` demands the end; `<` and `>` switch to little- and big-endian (the default); a space is
/// printed. What is left without `$` is not printed.
struct PackFormat: Sendable, Equatable {
  /// Whether it takes keys or values apart.
  enum Field: String, Sendable {
    case key
    case value
  }

  /// Data that does not fit the format; the texts are kcat's.
  enum Failure: Error, Equatable, CustomStringConvertible {
    /// A letter needs more bytes than are left.
    case truncated(Field, letter: UInt8, needed: Int, remaining: Int)
    /// `$` stands where bytes are left.
    case notAtEnd(Field, remaining: Int)

    var description: String {
      switch self {
      case .truncated(let field, let letter, let needed, let remaining):
        "\(field.rawValue) truncated, expected \(needed) bytes to unpack "
          + "\(UnicodeScalar(letter)) but only \(remaining) bytes remaining"
      case .notAtEnd(let field, let remaining):
        "expected \(field.rawValue) end-of-input, but \(remaining) bytes remaining"
      }
    }
  }

  let field: Field
  private let letters: [UInt8]

  /// Checks the letters.
  init(parsing text: String, for field: Field) throws(FormatError) {
    letters = Array(text.utf8)
    self.field = field
    guard !letters.isEmpty else { throw .emptyPackFormat(field: field.rawValue) }
    let known = Array(" <>bBhHiIqQcs$".utf8)
    for letter in letters where !known.contains(letter) {
      throw .invalidPackToken(letter, field: field.rawValue)
    }
  }

  /// Appends what `bytes` hold to `text`; at a failure what came before it has been appended.
  func unpack(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) throws(Failure) {
    var isLittleEndian = false
    var at = 0
    for letter in letters {
      switch letter {
      case UInt8(ascii: " "):
        text.append(letter)
      case UInt8(ascii: "<"):
        isLittleEndian = true
      case UInt8(ascii: ">"):
        isLittleEndian = false
      case UInt8(ascii: "s"):
        text.append(contentsOf: bytes[at...])
        at = bytes.count
      case UInt8(ascii: "$"):
        guard at == bytes.count else {
          throw .notAtEnd(field, remaining: bytes.count - at)
        }
      default:
        let size = Self.size(of: letter)
        guard bytes.count - at >= size else {
          throw .truncated(
            field, letter: letter, needed: size, remaining: bytes.count - at)
        }
        let piece = bytes[at..<at + size]
        at += size
        guard letter != UInt8(ascii: "c") else {
          text.append(contentsOf: piece)
          continue
        }
        var value: UInt64 = 0
        if isLittleEndian {
          for byte in piece.reversed() { value = value << 8 | UInt64(byte) }
        } else {
          for byte in piece { value = value << 8 | UInt64(byte) }
        }
        text.append(contentsOf: Self.decimal(value, size: size, letter: letter).utf8)
      }
    }
  }

  private static func size(of letter: UInt8) -> Int {
    switch letter | 0x20 {
    case UInt8(ascii: "h"): 2
    case UInt8(ascii: "i"): 4
    case UInt8(ascii: "q"): 8
    default: 1
    }
  }

  private static func decimal(_ value: UInt64, size: Int, letter: UInt8) -> String {
    guard letter >= UInt8(ascii: "a") else { return String(value) }
    let unused = UInt64(64 - size * 8)
    return String(Int64(bitPattern: value << unused) >> Int64(unused))
  }
}
