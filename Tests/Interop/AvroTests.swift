import Glibc
import Synchronization
import TestSupport
import Testing

/// `-s avro` through a schema registry.
///
/// What kcat prints was recorded from kcat 1.7.1 built with Avro.
@Suite struct AvroTests {
  /// Keys are long by schema 1, values records by schema 2; 500 is an error of the registry's.
  static let schemas = [
    "1": #"{"schema":"\"long\""}"#,
    "2":
      #"{"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":[\"null\",\"string\"]}]}"}"#,
  ]

  static func registry() -> WebServer {
    WebServer { request in
      let id = request.split(separator: " ")[1].split(separator: "/").last.map(String.init) ?? ""
      if let schema = schemas[id] { return WebServer.json(schema) }
      return WebServer.json(
        #"{"error_code":40403,"message":"Schema \#(id) not found"}"#, status: "404 Not Found")
    }
  }

  static func framed(_ id: Int32, _ bytes: [UInt8]) -> [UInt8] {
    [0] + (0..<4).map { UInt8(truncatingIfNeeded: id >> (24 - 8 * $0)) } + bytes
  }

  static let key = framed(1, [0x0e])
  static let value = framed(2, [2, 6] + Array("abc".utf8))
  /// Good ones, null and empty ones, and those that cannot be read.
  static let records: [(key: [UInt8]?, value: [UInt8]?)] = [
    (key, value), (nil, value), (key, nil), (key, []), ([], value), (Array("plain".utf8), value),
    (key, Array("abc".utf8)), (key, framed(404, [])), (framed(3, []), Array("x".utf8)),
    (key, framed(2, [])), (key, framed(2, [0])),
  ]

  /// Sends records to topic t.
  private func send(
    _ records: [(key: [UInt8]?, value: [UInt8]?)], to bootstrap: String
  ) async throws {
    for record in records {
      let isNull = record.key == nil || record.value == nil
      let sent = try await run(
        [Places.hbcat, "-b", bootstrap, "-P", "-t", "t", "-K", "|||", "-D", "@@@"]
          + (isNull ? ["-Z"] : []),
        input: (record.key ?? []) + Array("|||".utf8) + (record.value ?? []) + Array("@@@".utf8))
      #expect(sent.status == 0, "\(sent.stderr)")
    }
  }

  /// A broker with the records, and a registry.
  private func with(
    _ records: [(key: [UInt8]?, value: [UInt8]?)], _ registry: WebServer = Self.registry(),
    _ body: (_ consume: ([String]) async throws -> CommandResult, String, WebServer) async throws
      -> Void
  ) async throws {
    try await BrokerFixture.with(["--topic", "t:1:1"]) { bootstrap in
      try await send(records, to: bootstrap)
      try await body(
        { options in
          try await run([Places.hbcat, "-q", "-C", "-b", bootstrap, "-t", "t", "-e"] + options)
        }, bootstrap, registry)
    }
  }

  @Test func `keys and values are printed as JSON, and a schema is asked for once`() async throws {
    let good = (0..<50).map { _ in (key: Self.key as [UInt8]?, value: Self.value as [UInt8]?) }
    try await with(good) { consume, bootstrap, registry in
      let glued = try await consume(["-s", "avro", "-r", registry.url + "/"])
      #expect(glued.stdout == String(repeating: "7{\"a\": {\"string\": \"abc\"}}\n", count: 50))
      #expect(glued.stderr == "" && glued.status == 0)
      #expect(registry.requests.count == 2)
      let apart = try await consume([
        "-s", "avro", "-r", registry.url, "-c", "1", "-f", "%o|%k|%K|%s|%S\n",
      ])
      #expect(apart.stdout == "0|7|6|{\"a\": {\"string\": \"abc\"}}|10\n")
      let mixed = try await consume([
        "-s", "key= bi", "-s", "value=avro", "-X", "schema.registry.url=\(registry.url)", "-c", "1",
        "-K", ": ",
      ])
      #expect(mixed.stdout == " 01: {\"a\": {\"string\": \"abc\"}}\n")
      let keyOnly = try await consume([
        "-s", "key=avro", "-r", registry.url, "-c", "1", "-f", "%k\n",
      ])
      #expect(keyOnly.stdout == "7\n")
      let group = try await run([
        Places.hbcat, "-q", "-b", bootstrap, "-G", "g", "-o", "beginning", "-c", "2", "-J", "-s",
        "avro", "-r", registry.url, "t",
      ])
      #expect(group.stdout.contains(",\"key\":7,\"key_schema_id\":1,\"payload\":{\"a\": "))
      #expect(group.status == 0)
    }
  }

  /// kcat's lines of `records`, but for topic, partition, times and broker.
  static let envelopes = [
    #"0,"key":7,"key_schema_id":1,"payload":{"a": {"string": "abc"}},"value_schema_id":2}"#,
    #"1,"key":null,"payload":{"a": {"string": "abc"}},"value_schema_id":2}"#,
    #"2,"key":7,"key_schema_id":1,"payload":null}"#,
    #"3,"key":7,"key_schema_id":1,"payload":null,"payload_error":"Payload is smaller (0) than framing (5)"}"#,
    #"4,"key":null,"key_error":"Payload is smaller (0) than framing (5)","payload":{"a": {"string": "abc"}},"value_schema_id":2}"#,
    #"5,"key":null,"key_error":"Invalid CP1 magic byte 112, expected 0: message not produced with "#
      + #"Schema-Registry Avro framing","payload":{"a": {"string": "abc"}},"value_schema_id":2}"#,
    #"6,"key":7,"key_schema_id":1,"payload":null,"payload_error":"Payload is smaller (3) than framing (5)"}"#,
    #"7,"key":7,"key_schema_id":1,"payload":null,"payload_error":"REST request failed (code 404): "#
      + #"{\"error_code\":40403,\"message\":\"Schema 404 not found\"}"}"#,
    #"8,"key":null,"key_error":"REST request failed (code 404): {\"error_code\":40403,\"message\":\"Schema 3 not found\"}","#
      + #""payload":null,"payload_error":"Payload is smaller (1) than framing (5)"}"#,
    #"9,"key":7,"key_schema_id":1,"payload":null,"payload_error":"Failed to read avro value: "#
      + #"Cannot read union discriminant: Cannot read 1 bytes from memory buffer"}"#,
    #"10,"key":7,"key_schema_id":1,"payload":{"a": null},"value_schema_id":2}"#,
  ]

  /// What kcat says of those in the envelope.
  static let envelopeErrors = [
    "value in message in t [0] at offset 3: Payload is smaller (0) than framing (5)",
    "key in message in t [0] at offset 4: Payload is smaller (0) than framing (5)",
    "key in message in t [0] at offset 5: Invalid CP1 magic byte 112, expected 0: message not "
      + "produced with Schema-Registry Avro framing",
    "value in message in t [0] at offset 6: Payload is smaller (3) than framing (5)",
    "value in message in t [0] at offset 7: REST request failed (code 404): "
      + #"{"error_code":40403,"message":"Schema 404 not found"}"#,
    "key in message in t [0] at offset 8: REST request failed (code 404): "
      + #"{"error_code":40403,"message":"Schema 3 not found"}"#,
    "value in message in t [0] at offset 8: Payload is smaller (1) than framing (5)",
    "value in message in t [0] at offset 9: Failed to read avro value: Cannot read union "
      + "discriminant: Cannot read 1 bytes from memory buffer",
  ]

  @Test func `what cannot be read is told as kcat tells it, and -E goes on`() async throws {
    try await with(Self.records) { consume, _, registry in
      let avro = ["-s", "avro", "-r", registry.url]
      let envelope = try await consume(["-J", "-E"] + avro)
      #expect(
        envelope.stdout.replacing(/"tstype":"create","ts":[0-9]+,"broker":[0-9]+,/, with: "")
          == Self.envelopes.map { "{\"topic\":\"t\",\"partition\":0,\"offset\":\($0)\n" }.joined())
      #expect(
        envelope.stderr
          == Self.envelopeErrors.map { "% ERROR: Failed to deserialize \($0)\n" }.joined())
      #expect(envelope.status == 0)
      // An error is not asked for again.
      #expect(registry.requests.count { $0.contains("/schemas/ids/404 ") } == 1)

      let text = try await consume(["-E", "-f", "%k|%s\n"] + avro)
      let good = "{\"a\": {\"string\": \"abc\"}}\n"
      #expect(text.stdout == "7|\(good)|\(good)7|\n7|\n|\(good)7|7|7|7|{\"a\": null}\n")
      #expect(
        text.stderr.split(separator: "\n").map { $0.split(separator: ":")[1] } == [
          " Failed to format message in t [0] at offset 5",
          " Failed to format message in t [0] at offset 6",
          " Failed to format message in t [0] at offset 7",
          " Failed to format message in t [0] at offset 8",
          " Failed to format message in t [0] at offset 9",
        ])
      #expect(text.status == 0)

      let strict = try await consume(["-o", "5"] + avro)
      #expect(strict.stdout == "" && strict.status == 1)
      #expect(
        strict.stderr
          == "% ERROR: Failed to format message in t [0] at offset 5: Avro/Schema-registry key "
          + "deserialization: Invalid CP1 magic byte 112, expected 0: message not produced with "
          + "Schema-Registry Avro framing: terminating\n")
      let strictEnvelope = try await consume(["-o", "2", "-J"] + avro)
      #expect(strictEnvelope.stdout.split(separator: "\n").count == 1)
      #expect(
        strictEnvelope.stderr
          == "% ERROR: Failed to deserialize \(Self.envelopeErrors[0]): terminating\n")
      #expect(strictEnvelope.status == 1)

      // A record that is passed over counts.
      let counted = try await consume(["-E", "-o", "5", "-c", "1"] + avro)
      #expect(counted.stdout == "" && counted.status == 0)
      #expect(counted.stderr.split(separator: "\n").count == 1)
    }
  }

  @Test func `a registry that is down is named, and the next address is tried`() async throws {
    try await with([(Self.key, Self.value)]) { consume, _, registry in
      let down = "http://127.0.0.1:1"
      let failed = try await consume(["-s", "avro", "-r", down])
      #expect(failed.status == 1 && failed.stdout == "")
      #expect(
        failed.stderr.hasPrefix(
          "% ERROR: Failed to format message in t [0] at offset 0: Avro/Schema-registry key "
            + "deserialization: REST request failed (code -1): HTTP request failed: "))
      let next = try await consume(["-s", "avro", "-r", "\(down),\(registry.url)"])
      #expect(next.stdout == "7{\"a\": {\"string\": \"abc\"}}\n" && next.status == 0)
    }
  }

  @Test func `a registry that is busy is asked again`() async throws {
    let count = Atomic(0)
    let busy = WebServer { request in
      if count.add(1, ordering: .relaxed).newValue < 3 {
        return WebServer.json("busy", status: "503 Service Unavailable")
      }
      return WebServer.json(Self.schemas["2"] ?? "")
    }
    try await with([(nil, Self.value)], busy) { consume, _, registry in
      let read = try await consume(["-s", "avro", "-r", registry.url])
      #expect(read.stdout == "{\"a\": {\"string\": \"abc\"}}\n" && read.stderr == "")
    }
  }

  @Test func `F12: a silent registry ends with its time, or at once with SIGINT`() async throws {
    let silent = WebServer { request in
      request.contains("/schemas/ids/1 ") ? WebServer.json(Self.schemas["1"] ?? "") : nil
    }
    try await with([(Self.key, Self.key), (Self.key, Self.value)], silent) {
      consume, bootstrap, registry in
      let child = try Child([
        Places.hbcat, "-q", "-b", bootstrap, "-C", "-t", "t", "-K,", "-s", "avro", "-r",
        registry.url,
      ])
      // What came before is written out before the registry is waited for.
      #expect(await eventually { child.stdout == "7,7\n" && registry.requests.count == 2 })
      let start = ContinuousClock.now
      child.signal(SIGINT)
      let ended = await child.end(within: 20)
      #expect(ContinuousClock.now - start < .seconds(2))
      #expect(ended.status == 0 && ended.stdout == "7,7\n" && ended.stderr == "")

      let late = try await consume(["-m", "1", "-K,", "-s", "avro", "-r", registry.url])
      #expect(late.stdout == "7,7\n7," && late.status == 1)
      #expect(late.stderr.contains("HTTP request failed: Operation timed out"))
    }
  }

  @Test func `S34: credentials go to the registry and nowhere else`() async throws {
    let strict = WebServer { request in
      // user:p@ss
      request.contains("\r\nAuthorization: Basic dXNlcjpwQHNz\r\n")
        ? WebServer.json(Self.schemas["2"] ?? "")
        : WebServer.json("unauthorized", status: "401 Unauthorized")
    }
    try await with([(nil, Self.value)], strict) { consume, _, registry in
      let host = registry.url.dropFirst("http://".count)
      let folder = Places.temporaryFolder()
      let file = "\(folder)/registry.conf"
      let good = try await consume(["-s", "avro", "-r", "http://user:p@ss@\(host)"])
      #expect(good.stdout == "{\"a\": {\"string\": \"abc\"}}\n")
      let bad = try await consume(["-s", "avro", "-r", "http://user:hunter2@\(host)"])
      #expect(bad.status == 1 && bad.stderr.contains("(code 401): unauthorized"))
      #expect(!bad.stderr.contains("hunter2"))
      let gone = try await consume([
        "-m", "1", "-s", "avro", "-r", "http://user:hunter2@127.0.0.1:1",
      ])
      #expect(gone.status == 1 && !gone.stderr.contains("hunter2"))
      let handle = try #require(fopen(file, "w"))
      fputs("schema.registry.url=http://user:p@ss@\(host)\n", handle)
      fclose(handle)
      let configured = try await consume(["-F", file, "-s", "value=avro"])
      #expect(configured.stdout == "{\"a\": {\"string\": \"abc\"}}\n")
    }
  }
}
