import JSON
import Testing

@Suite struct JSONDocumentSplitterTests {
  /// What a stream holds, fed in chunks of a size: documents as texts, what is broken behind `!`.
  private func pieces(_ text: String, chunk: Int, bytesMax: Int = 1 << 20) -> [String] {
    var splitter = JSONDocumentSplitter(bytesMax: bytesMax)
    var found: [String] = []
    func take(_ piece: JSONDocumentSplitter.Piece) {
      switch piece {
      case .document(let bytes, let line):
        found.append("\(line) \(String(decoding: bytes, as: UTF8.self))")
      case .broken(let why, let line): found.append("\(line) !\(why)")
      }
    }
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: chunk) {
      Array(bytes[start..<min(bytes.count, start + chunk)]).withUnsafeBytes {
        splitter.feed($0, take)
      }
    }
    splitter.finish(take)
    return found
  }

  @Test(arguments: [1, 2, 3, 7, 1000])
  func `documents come whole, however the stream is cut`(chunk: Int) {
    let text = "{\"a\": \"}\\\"{\"}{}\n[1, [2]]\n\n {\n \"b\": {\"c\": \"é\\\\\"}\n}\r\n"
    #expect(
      pieces(text, chunk: chunk) == [
        "1 {\"a\": \"}\\\"{\"}", "1 {}", "2 [1, [2]]", "4 {\n \"b\": {\"c\": \"é\\\\\"}\n}",
      ])
  }

  @Test(arguments: [1, 1000]) func `what is no document is passed over up to its line's end`(
    chunk: Int
  ) {
    #expect(
      pieces("curl: (7) {\n{\"a\":1}\n{\"b\":[}] {\n{\"c\":2}", chunk: chunk) == [
        "1 !a document begins with { or [", "2 {\"a\":1}", "3 !} where ] must come first",
        "4 {\"c\":2}",
      ])
  }

  @Test(arguments: [1, 1000]) func `a document that was cut off takes at most one with it`(
    chunk: Int
  ) {
    #expect(
      pieces("{\"a\":[{\"b\":\n{\"c\":1}\n{\"d\":2}\n{\"e\":3}\n", chunk: chunk) == [
        "1 !the document is cut off: another one follows in it", "3 {\"d\":2}", "4 {\"e\":3}",
      ])
  }

  @Test(arguments: [1, 1000]) func `the end inside of a document is told`(chunk: Int) {
    #expect(
      pieces("{}\n{\"a\"", chunk: chunk) == [
        "1 {}", "2 !the input ends inside of the document",
      ])
  }

  @Test(arguments: [1, 1000]) func `a document that is too large is told once and passed over`(
    chunk: Int
  ) {
    let large = "{\"a\":\"" + String(repeating: "}", count: 100) + "\",\"b\":{}}"
    #expect(
      pieces("\(large)\n{\"c\":1}", chunk: chunk, bytesMax: 20) == [
        "1 !a document may have 20 bytes", "2 {\"c\":1}",
      ])
  }

  @Test func `more brackets than the reader takes are refused at once`() {
    let deep = String(repeating: "[", count: JSONReader.depthMax + 1)
    #expect(
      pieces("\(deep)\n{}", chunk: 1) == [
        "1 !more than 64 arrays and objects in one another", "2 {}",
      ])
  }
}
