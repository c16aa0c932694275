import Glibc
import KafkaClient
import Testing

@testable import HbcatCLI

/// Secrets on the command line, in files and in the environment.
struct SecretOptionTests {
  private func properties(_ fixture: CommandLineFixture, _ line: String) throws -> [String] {
    guard case .list(let list) = try fixture.plan(line) else { return [] }
    return list.client.properties.map { "\($0.name)=\($0.value)" }
  }

  @Test func `S34: a secret comes from a file or a variable, by a name that kcat has not`() throws {
    let fixture = CommandLineFixture(
      variables: ["KP": "from env"], files: ["/f": "from file\r\nsecond line", "/pem": "a\nb\n"])
    #expect(
      try properties(
        fixture,
        "-L -b h -X sasl.password.file=/f -X ssl.key.password.env=KP -X ssl.key.pem.file=/pem")
        == [
          "sasl.password=from file", "ssl.key.password=from env", "ssl.key.pem=a\nb\n",
          "bootstrap.servers=h",
        ])
    #expect(fixture.said.isEmpty)
  }

  @Test func `S34: a password that begins with @ is itself, as in kcat`() throws {
    for value in ["@/f", "env:KP", "-", "a=b", "file.env"] {
      let fixture = CommandLineFixture(variables: ["KP": "x"], files: ["/f": "y"])
      #expect(
        try properties(fixture, "-L -b h -X sasl.password=\(value)")[0] == "sasl.password=\(value)")
    }
  }

  @Test func `--user and --password-file set the properties`() throws {
    let fixture = CommandLineFixture(files: ["/f": "secret\n"])
    #expect(
      try properties(fixture, "list -b h --user alice --password-file /f")
        == ["sasl.username=alice", "sasl.password=secret", "bootstrap.servers=h"])
    guard case .list(let list) = try fixture.plan("list -b h --password-file -") else {
      Issue.record("no plan")
      return
    }
    #expect(list.client.asksForPassword)
  }

  @Test func `a secret that is not there is one line`() {
    #expect(
      refusal("-L -b h -X sasl.password.file=/gone") == [
        "% ERROR: sasl.password.file: /gone: No such file or directory", "exit 1",
      ])
    #expect(
      refusal("-L -b h -X sasl.password.env=GONE") == [
        "% ERROR: sasl.password.env: the environment has no variable \"GONE\"", "exit 1",
      ])
    #expect(refusal("-L -b h -X client.id.file=/f")[0].contains("No such configuration property"))
    let empty = CommandLineFixture(files: ["/f": "\nx"])
    #expect(throws: UsageError.self) { try empty.plan("-L -b h -X sasl.password.file=/f") }
  }

  @Test func `S36: a file with a secret that others can read is told, one without is not`() throws {
    let files = ["/c": "sasl.password=p\n", "/d": "client.id=p\nsasl.password=\n", "/p": "p"]
    for (line, mode, warns) in [
      ("-F /c", UInt32(0o644), true), ("-F /c", 0o640, true), ("-F /c", 0o600, false),
      ("-F /d", 0o644, false), ("-X sasl.password.file=/p", 0o604, true),
      ("-X sasl.password.file=/p", 0o400, false),
    ] {
      let fixture = CommandLineFixture(
        files: files, modes: ["/c": mode, "/d": mode, "/p": mode])
      _ = try fixture.plan("-L -b h \(line)")
      #expect(
        fixture.said.contains { $0.contains("holds a secret and has mode") } == warns, "\(line)")
    }
  }

  @Test func `S40: a file of properties in any shape is read or refused with its line`() throws {
    let bom = CommandLineFixture(files: ["/c": "\u{feff}client.id=1\r\nclient.id=2\r\n"])
    #expect(
      try properties(bom, "-L -b h -F /c") == ["client.id=1", "client.id=2", "bootstrap.servers=h"])
    for (text, error) in [
      ("client.id=x\nnonsense\n", "/c:2: expected property=value"),
      ("\nno.such=1\n", "/c:2: No such configuration property: \"no.such\""),
      (
        "a=" + String(repeating: "x", count: 1 << 20), "/c:1: the line is longer than 1048576 bytes"
      ),
    ] {
      let fixture = CommandLineFixture(files: ["/c": text])
      #expect(throws: UsageError.self) { try fixture.plan("-L -b h -F /c") }
      #expect(
        fixture.said.contains { $0.hasPrefix("% ERROR: \(error)") }, "\(fixture.said)")
    }
  }

  @Test func `S36: --strict-secrets refuses a file with a secret that others can read`() throws {
    let files = ["/c": "sasl.password=p\n", "/d": "client.id=p\n", "/p": "p"]
    for line in [
      "--strict-secrets list -b h -F /c", "list -b h -F /c --strict-secrets",
      "consume -b h -t t --password-file /p --strict-secrets",
    ] {
      let fixture = CommandLineFixture(files: files, modes: ["/c": 0o644, "/p": 0o604])
      #expect(throws: UsageError.self) { try fixture.plan(line) }
      #expect(fixture.said.last == "exit 1")
      #expect(
        fixture.said.contains { $0.hasPrefix("% ERROR: /") && $0.hasSuffix(" (--strict-secrets)") })
    }
    let tight = CommandLineFixture(files: files, modes: ["/c": 0o600, "/d": 0o644])
    _ = try tight.plan("list -b h -F /c -F /d --strict-secrets")
    #expect(tight.said.allSatisfy { !$0.contains("secret") })
  }

  @Test func `S39: a value with a line break cannot bring another property in`() {
    let words = ["-L", "-b", "h", "-X", "client.id=a\nssl.ca.location=/x"].map { Argument($0) }
    #expect(
      refusal(words) == [
        "% ERROR: Invalid value for configuration property \"client.id\": a line break is not "
          + "allowed in it", "exit 1",
      ])
  }
}

/// What is overwritten on the command line.
struct SecretArgumentTests {
  private func shown(_ words: [String]) -> [String] {
    let copies = words.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    var pointers = copies
    pointers.withUnsafeMutableBufferPointer { buffer in
      if let start = buffer.baseAddress { SecretArguments.hide(start, count: words.count) }
    }
    return copies.map { $0.map { String(cString: $0) } ?? "" }
  }

  @Test func `S34: every way to write a secret is overwritten, and nothing else is`() {
    #expect(
      shown([
        "hbcat", "-X", "sasl.password=hunter2", "-Xsasl.password=hunter2", "-qXssl.key.pem=x",
        "--property=sasl.jaas.config=a=b;c", "--property", "topic.sasl.password = x y",
        "-X", "sasl.password=", "-X", "client.id=a", "--topic=a.password", "-Hkey=value", "=", "",
        "--", "-X", "sasl.oauthbearer.client.secret=s=t", "http://u:pass@h:1", "-rhttps://u:p@h",
        "--schema-registry=http://u:a@b@h/x", "http://h:8081", "http://u@h:1",
      ])
        == [
          "hbcat", "-X", "sasl.password=***", "-Xsasl.password=***", "-qXssl.key.pem=*",
          "--property=sasl.jaas.config=***", "--property", "topic.sasl.password =***",
          "-X", "sasl.password=", "-X", "client.id=a", "--topic=a.password", "-Hkey=value", "=", "",
          "--", "-X", "sasl.oauthbearer.client.secret=***", "http://u:****@h:1", "-rhttps://u:*@h",
          "--schema-registry=http://u:***@h/x", "http://h:8081", "http://u@h:1",
        ])
  }

  @Test func `S34: all secret properties are known by their endings`() {
    for row in PropertyTable.rows {
      guard case .secret = row.kind else { continue }
      for name in [row.name] + row.aliases {
        #expect(shown(["-X", "\(name)=hunter2"])[1] == "\(name)=***")
      }
    }
  }
}
