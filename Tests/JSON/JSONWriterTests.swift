import JSON
import Testing

private func sorted(_ text: String) throws(JSONError) -> String {
  let result = Array(text.utf8).withUnsafeBytes { bytes in
    Result { () throws(JSONError) -> [UInt8] in
      var reader = JSONReader(bytes)
      var output: [UInt8] = []
      try reader.appendSorted(to: &output)
      while try reader.next() != nil {}
      return output
    }
  }
  return String(decoding: try result.get(), as: UTF8.self)
}

@Suite struct JSONWriterTests {
  private func write(_ style: JSONWriter.Style) -> String {
    var writer = JSONWriter(style)
    writer.beginObject()
    writer.name("a")
    writer.beginArray()
    writer.integer(-1)
    writer.string("é\n")
    writer.beginObject()
    writer.endObject()
    writer.bool(true)
    writer.null()
    writer.endArray()
    writer.name("b")
    writer.raw("1.50".utf8)
    writer.endObject()
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func `commas and colons are as Python or as kcat writes them`() {
    #expect(write(.python) == #"{"a": [-1, "\u00e9\n", {}, true, null], "b": 1.50}"#)
    #expect(write(.kcat) == #"{"a":[-1,"é\n",{},true,null],"b":1.50}"#)
  }

  @Test func `a long string is written whole`() {
    var writer = JSONWriter(.kcat)
    let text = String(repeating: "0123456789\n", count: 1000)
    writer.string(text)
    #expect(writer.bytes.count == 12_002)
  }

  @Test func `a value is written with its names sorted by code point at every depth`() throws {
    #expect(
      try sorted(#" {"b":[{"z":1,"a":{"y":2,"x":1.50}}], "\u00e9":null,"a" :"/é", "Z":true}"#)
        == #"{"Z": true, "a": "/\u00e9", "b": [{"a": {"x": 1.50, "y": 2}, "z": 1}], "\u00e9": null}"#
    )
    // By UTF-16 the second would come first.
    #expect(try sorted(#"{"😀":1,"\uffff":2}"#) == #"{"\uffff": 2, "\ud83d\ude00": 1}"#)
    // To Swift's == these names are one.
    #expect(
      try sorted(#"{"\u00e9":1,"e\u0301":2}"#) == #"{"e\u0301": 2, "\u00e9": 1}"#)
  }

  @Test func `a name that comes twice is an error where it comes again`() {
    do {
      _ = try sorted(#"[{"a": 1, "b": 2, "\u0061": 3}]"#)
      Issue.record("accepted")
    } catch {
      #expect(error.description == "line 1, column 19: the object has the name \"a\" already")
    }
  }
}
