import Testing

@testable import HbcatCLI

@Suite struct MessageSplitterTests {
  func split(_ message: String, _ splitter: borrowing MessageSplitter) -> [String] {
    // One byte more, so that no bytes have an address too.
    let (key, value) = (Array(message.utf8) + [0]).withUnsafeBytes { bytes in
      let (key, value) = splitter.split(UnsafeRawBufferPointer(rebasing: bytes.dropLast()))
      return (key.map { [UInt8]($0) }, value.map { [UInt8]($0) })
    }
    return [key, value].map { part in part.map { String(decoding: $0, as: UTF8.self) } ?? "NULL" }
  }

  static let colon = Delimiter([UInt8(ascii: ":")])

  @Test func `kcat's matrix of keys and values`() {
    func matrix(_ splitter: borrowing MessageSplitter) -> [[String]] {
      [
        split("k1:v1", splitter), split(":v2", splitter), split("k3:", splitter),
        split("nokey", splitter), split(":", splitter),
      ]
    }
    let fixedKey = Array("fixed".utf8)
    #expect(
      matrix(MessageSplitter(keyDelimiter: Self.colon))
        == [["k1", "v1"], ["", "v2"], ["k3", ""], ["NULL", "nokey"], ["", ""]])
    #expect(
      matrix(MessageSplitter(keyDelimiter: Self.colon, makesEmptyNull: true))
        == [["k1", "v1"], ["NULL", "v2"], ["k3", "NULL"], ["NULL", "nokey"], ["NULL", "NULL"]])
    #expect(
      matrix(
        MessageSplitter(keyDelimiter: Self.colon, makesEmptyNull: true, fixedKey: fixedKey))
        == [
          ["k1", "v1"], ["fixed", "v2"], ["k3", "NULL"], ["fixed", "nokey"], ["fixed", "NULL"],
        ])
    #expect(
      matrix(MessageSplitter(keyDelimiter: Self.colon, fixedKey: fixedKey))
        == [["k1", "v1"], ["", "v2"], ["k3", ""], ["fixed", "nokey"], ["", ""]])
  }

  @Test func `--null-marker makes every combination of null, empty and text`() {
    let marked = MessageSplitter(keyDelimiter: Self.colon, nullMarker: Array("~".utf8))
    let keys = ["~": "NULL", "": "", "k": "k"]
    let values = ["~": "NULL", "": "", "v": "v"]
    for (key, sentKey) in keys {
      for (value, sentValue) in values {
        #expect(split("\(key):\(value)", marked) == [sentKey, sentValue])
      }
    }
    #expect(split("~", marked) == ["NULL", "NULL"])
    #expect(split("", marked) == ["NULL", ""])
    #expect(split("~~:~ ", marked) == ["~~", "~ "])
  }

  @Test func `--null-marker beside -Z and -k`() {
    let both = MessageSplitter(
      keyDelimiter: Self.colon, makesEmptyNull: true, nullMarker: Array("~".utf8),
      fixedKey: Array("fixed".utf8))
    #expect(split("~:", both) == ["NULL", "NULL"])
    #expect(split(":~", both) == ["fixed", "NULL"])
    #expect(split("~", both) == ["fixed", "NULL"])
    #expect(split("k:~", MessageSplitter(nullMarker: [])) == ["NULL", "k:~"])
    #expect(split("", MessageSplitter(nullMarker: [])) == ["NULL", "NULL"])
  }

  @Test func `without -K all is value, and -Z does nothing`() {
    #expect(split("k:v", MessageSplitter()) == ["NULL", "k:v"])
    #expect(split("v", MessageSplitter(fixedKey: [])) == ["", "v"])
    #expect(split("", MessageSplitter(makesEmptyNull: true)) == ["NULL", ""])
  }

  @Test func `the first occurrence of the whole delimiter splits`() {
    let splitter = MessageSplitter(keyDelimiter: Delimiter(Array("=>".utf8)))
    #expect(split("a=b=>c=>d", splitter) == ["a=b", "c=>d"])
    #expect(split("a=", splitter) == ["NULL", "a="])
    #expect(split("=>", splitter) == ["", ""])
  }
}
