import Avro
import TestSupport
import Testing

@testable import HbcatCLI

/// Addresses of registries, their answers, and what is asked of them.
@Suite struct RegistryTests {
  @Test(arguments: [
    ("http://h:8081", "http://h:8081/p"), ("http://h:8081///", "http://h:8081/p"),
    ("https://h/base/", "https://h/base/p"), ("h:8081", "http://h:8081/p"),
    ("http://u:p@h", "http://u:p@h/p"),
    ("https://key:a/b+c=@h:1/x", "https://key:a%2Fb%2Bc%3D@h:1/x/p"),
    ("http://u:p@ss:w%40@h", "http://u:p%40ss%3Aw%2540@h/p"), ("http://u@h", "http://u@h/p"),
    ("http://h/a@b", "http://h/a@b/p"),
  ])
  func `credentials are taken as typed, and slashes at the end are not`(text: String, url: String) {
    #expect(RegistryAddress(parsing: Substring(text)).url("/p") == url)
  }

  @Test func `addresses are separated by commas`() throws {
    let list = try RegistryAddress.list(parsing: "http://a, https://b/")
    #expect(list.map { $0.url("/p") } == ["http://a/p", "https://b/p"])
    #expect(list.map(\.isPlainText) == [true, false])
    for text in ["", "/", "a,", "a,,b"] {
      #expect(throws: UsageError.value("schema.registry.url is empty")) {
        try RegistryAddress.list(parsing: text)
      }
    }
  }

  @Test func `an answer has a schema, its type and its references`() throws {
    let body = """
      {"x":{"schema":1},"references":[{"name":"a.B","subject":"s-1","version":3,"y":{"subject":"no"}},
      {"version":1,"subject":"t"}],"schemaType":"AVRO","schema":"\\"int\\""}
      """
    let answer = try RegisteredSchema(parsing: Array(body.utf8), "schema 1")
    #expect(String(decoding: answer.text, as: UTF8.self) == "\"int\"")
    #expect(answer.references.map(\.subject) == ["s-1", "t"])
    #expect(answer.references.map(\.version) == [3, 1])
    for references in ["null", "[]", "{}", "7"] {
      let body = "{\"schema\":\"\",\"references\":\(references)}"
      #expect(try RegisteredSchema(parsing: Array(body.utf8), "schema 1").references.isEmpty)
    }
  }

  @Test func `an answer without a schema is refused`() {
    for body in ["{}", "[]", "{\"schema\":1}", "1"] {
      #expect(throws: RegistryFault.lasting("No \"schema\" string field in schema 1 envelope")) {
        try RegisteredSchema(parsing: Array(body.utf8), "schema 1")
      }
    }
    #expect(throws: RegistryFault.self) { try RegisteredSchema(parsing: [0x7b], "schema 1") }
  }

  private func look(
    _ server: WebServer, timeoutMs: Int = 5000
  ) async -> Result<AvroSchema, RegistryFault> {
    let lookup = SchemaLookup(
      addresses: [RegistryAddress(parsing: Substring(server.url))], timeoutMs: timeoutMs)
    return await onOwnThread {
      do throws(RegistryFault) { return .success(try lookup.schema(7)) } catch {
        return .failure(error)
      }
    }
  }

  private func fault(_ server: WebServer) async -> String {
    switch await look(server) {
    case .success: "a schema"
    case .failure(.lasting(let text)): text
    case .failure(.passing(let text)): "passing: \(text)"
    case .failure(.stopped): "stopped"
    }
  }

  @Test func `references are read before what names them, each once`() async throws {
    let server = WebServer { request in
      if request.hasPrefix("GET /schemas/ids/7 ") {
        return WebServer.json(
          #"{"schema":"[\"A\",\"B\"]","references":[{"subject":"a/1","version":2},{"subject":"b","version":1}]}"#
        )
      }
      if request.hasPrefix("GET /subjects/a%2F1/versions/2 ") {
        return WebServer.json(
          #"{"schema":"{\"type\":\"record\",\"name\":\"A\",\"fields\":[{\"name\":\"b\",\"type\":\"B\"}]}","references":[{"subject":"b","version":1}]}"#
        )
      }
      return WebServer.json(
        #"{"schema":"{\"type\":\"enum\",\"name\":\"B\",\"symbols\":[\"X\"]}"}"#)
    }
    let schema = try await look(server).get()
    var decoder = AvroDecoder()
    try [0, 0].withUnsafeBytes { try decoder.decode($0, by: schema) }
    #expect(String(decoding: decoder.json, as: UTF8.self) == #"{"A": {"b": "X"}}"#)
    #expect(server.requests.count == 3)
    #expect(
      server.requests.allSatisfy {
        $0.contains("\r\nAccept: application/vnd.schemaregistry.v1+json")
      })
  }

  @Test func `S61: references without end, in a ring, and answers without end are refused`() async {
    let endless = WebServer { request in
      let number = request.split(separator: " ")[1].filter(\.isNumber)
      return WebServer.json(
        #"{"schema":"\"int\"","references":[{"subject":"\#(number)1","version":1}]}"#)
    }
    #expect(await fault(endless).hasSuffix("more than 64 references behind one another"))
    let ring = WebServer { _ in
      WebServer.json(#"{"schema":"\"int\"","references":[{"subject":"s","version":1}]}"#)
    }
    #expect(await fault(ring) == "a schema")
    #expect(ring.requests.count == 2)
    let many = (0..<300).map { "{\"subject\":\"s\($0)\",\"version\":1}" }.joined(separator: ",")
    let wide = WebServer { request in
      WebServer.json(
        request.contains("/ids/")
          ? "{\"schema\":\"\",\"references\":[\(many)]}" : #"{"schema":"\"int\""}"#)
    }
    #expect(await fault(wide) == "schema 7: more than 256 references")
    let heavy = WebServer { request in
      WebServer.json(
        request.contains("/ids/")
          ? "{\"schema\":\"\",\"references\":[\(many)]}"
          : "{\"schema\":\"\(String(repeating: " ", count: 1_000_000))\\\"int\\\"\"}")
    }
    #expect(await fault(heavy).hasSuffix("have more than 8388608 bytes together"))
    let huge = WebServer { _ in
      WebServer.json("{\"schema\":\"\(String(repeating: "x", count: 1 << 20))\"}")
    }
    #expect(await fault(huge).contains("more than 1048576 bytes"))
  }

  @Test func `S61: a thousand schemas are kept at most, and none is asked for twice before`()
    async throws
  {
    let server = WebServer { _ in WebServer.json(#"{"schema":"\"int\""}"#) }
    let lookup = SchemaLookup(
      addresses: [RegistryAddress(parsing: Substring(server.url))], timeoutMs: 5000)
    let counts = await onOwnThread {
      let registry = SchemaRegistry(lookup)
      var counts: [Bool] = []
      for id in [1, 1, 2, 1] as [Int32] {
        let kept = try? registry.kept(id)
        counts.append(kept == nil)
        if kept == nil { _ = try? registry.ask(for: id) { false } }
      }
      for id in 3...Int32(SchemaRegistry.keptMax + 1) { _ = try? registry.ask(for: id) { false } }
      return counts + [(try? registry.kept(1)) == nil, (try? registry.kept(1001)) == nil]
    }
    #expect(counts == [true, false, true, false, true, false])
    #expect(server.requests.count == SchemaRegistry.keptMax + 1)
  }

  @Test func `another kind of schema is named`() async {
    let server = WebServer { _ in
      WebServer.json(#"{"schema":"syntax = \"proto3\";","schemaType":"PROTOBUF"}"#)
    }
    #expect(await fault(server) == "schema 7 is of type PROTOBUF, not AVRO")
  }

  @Test func `a registry that is not well is asked three times, one that refuses once`() async {
    let unwell = WebServer { _ in WebServer.json("busy", status: "503 Service Unavailable") }
    #expect(await fault(unwell) == "passing: REST request failed (code 503): busy")
    #expect(unwell.requests.count == 3)
    let strict = WebServer { _ in WebServer.json("who?", status: "401 Unauthorized") }
    #expect(await fault(strict) == "REST request failed (code 401): who?")
    #expect(strict.requests.count == 1)
    let moved = WebServer { _ in
      WebServer.json("", status: "302 Found", head: "Location: http://127.0.0.1:1/\r\n")
    }
    #expect(await fault(moved) == "REST request failed (code 302): ")
  }
}
