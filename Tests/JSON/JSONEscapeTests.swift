import JSON
import Testing

private func escaped(
  _ bytes: [UInt8],
  by escape: (UnsafeRawBufferPointer, UnsafeMutableRawPointer) -> Int
) -> [UInt8] {
  bytes.withUnsafeBytes { source in
    let room = UnsafeMutableRawBufferPointer.allocate(
      byteCount: JSONEscape.bound(source.count), alignment: 1)
    defer { room.deallocate() }
    guard let start = room.baseAddress else { return [] }
    let count = escape(source, start)
    #expect(count <= room.count)
    return Array(room[..<count])
  }
}

private func python(_ bytes: [UInt8]) -> [UInt8] {
  escaped(bytes) { JSONEscape.python($0, to: $1) }
}
private func kcat(_ bytes: [UInt8]) -> [UInt8] { escaped(bytes) { JSONEscape.kcat($0, to: $1) } }
private func python(_ text: String) -> String {
  String(decoding: python(Array(text.utf8)), as: UTF8.self)
}
private func kcat(_ text: String) -> String {
  String(decoding: kcat(Array(text.utf8)), as: UTF8.self)
}

/// The value of an escaped string, read back by JSONReader.
private func value(_ escaped: [UInt8]) throws -> String {
  try ([0x22] + escaped + [0x22]).withUnsafeBytes { bytes in
    var reader = JSONReader(bytes)
    guard case .string(let span)? = try reader.next() else { return "no string" }
    _ = try reader.next()
    return reader.string(span)
  }
}

/// Bytes that are partly UTF-8, partly not, partly plain.
private func nasty(_ random: inout Seeded) -> [UInt8] {
  let pieces: [[UInt8]] = [
    [0x22], [0x5C], [0x2F], [0x7F], [0x00], [0x1F], [0x0A], [0xFF], [0xC3], [0xE2, 0x82],
    [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98], Array("é".utf8), Array("€".utf8), Array("😀".utf8),
    Array("\u{10FFFF}\u{FFFF}\u{2028}".utf8), Array("plain text, quite long".utf8), [0x61],
  ]
  var bytes: [UInt8] = []
  for _ in 0..<Int.random(in: 0..<12, using: &random) {
    bytes += pieces[Int.random(in: 0..<pieces.count, using: &random)]
  }
  return bytes
}

/// SplitMix64: the same sequence for the same seed.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite struct JSONEscapeTests {
  @Test func `Python's form is ASCII with lower-case digits and surrogate pairs`() {
    #expect(python("a\"b\\c/d") == #"a\"b\\c/d"#)
    #expect(python("\u{8}\u{c}\n\r\t") == #"\b\f\n\r\t"#)
    #expect(python("\u{0}\u{b}\u{1f}\u{7f}") == #"\u0000\u000b\u001f\u007f"#)
    #expect(python("é€\u{2028}\u{FFFF}😀") == #"\u00e9\u20ac\u2028\uffff\ud83d\ude00"#)
    #expect(python("plain text of more than eight é") == #"plain text of more than eight \u00e9"#)
  }

  @Test func `kcat's form leaves text as it is and writes controls in upper case`() {
    #expect(kcat("a\"b\\c/d") == #"a\"b\\c/d"#)
    #expect(kcat("\u{8}\u{c}\n\r\t\u{b}\u{1f}\u{7f}") == #"\b\f\n\r\t\u000B\u001F"# + "\u{7f}")
    #expect(
      kcat("é€\u{2028}😀, plain text of more than eight")
        == "é€\u{2028}😀, plain text of more than eight")
  }

  @Test func `what is not UTF-8 becomes U+FFFD once for each maximal subpart`() throws {
    let bytes: [UInt8] = [0x61, 0xFF, 0xFE, 0xC0, 0xAF, 0x62, 0xE2, 0x82, 0x63, 0xF0, 0x9F, 0x98]
    #expect(
      String(decoding: kcat(bytes), as: UTF8.self)
        == "a\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}b\u{FFFD}c\u{FFFD}")
    #expect(
      String(decoding: python(bytes), as: UTF8.self)
        == #"a\ufffd\ufffd\ufffd\ufffdb\ufffdc\ufffd"#)
  }

  @Test func `every ASCII byte is right at every place of eight`() throws {
    for byte in UInt8(0)..<0x80 {
      for place in 0..<17 {
        var bytes = [UInt8](repeating: 0x78, count: 20)
        bytes[place] = byte
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(try value(python(bytes)) == text)
        #expect(try value(kcat(bytes)) == text)
      }
    }
  }

  @Test func `random bytes escaped and read back are the bytes as Swift repairs them`() throws {
    var random = Seeded(state: 5)
    for _ in 0..<2000 {
      let bytes = nasty(&random)
      let repaired = String(decoding: bytes, as: UTF8.self)
      for form in [python(bytes), kcat(bytes)] {
        #expect(String(validating: form, as: UTF8.self) != nil)
        #expect(try value(form).utf8.elementsEqual(repaired.utf8))
      }
      #expect(python(bytes).allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    }
  }

  @Test func `escaping piece by piece gives the same bytes`() {
    var random = Seeded(state: 7)
    for _ in 0..<500 {
      let bytes = nasty(&random)
      let room = Int.random(in: JSONEscape.roomMin...40, using: &random)
      var result: [UInt8] = []
      bytes.withUnsafeBytes { source in
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
        defer { piece.deallocate() }
        guard let start = piece.baseAddress else { return }
        var position = 0
        while position < source.count {
          let written = JSONEscape.kcat(source, from: &position, to: start, room: room)
          #expect(written > 0 && written <= room)
          if written == 0 { return }
          result += piece[..<written]
        }
      }
      #expect(result == kcat(bytes))
    }
  }

  @Test func `with too little room nothing is written`() {
    let source: [UInt8] = [0x61]
    source.withUnsafeBytes { source in
      var target: UInt64 = 0
      var position = 0
      let written = withUnsafeMutableBytes(of: &target) { target in
        target.baseAddress.map {
          JSONEscape.python(source, from: &position, to: $0, room: JSONEscape.roomMin - 1)
        }
      }
      #expect(written == 0)
      #expect(position == 0)
    }
  }
}
