import Testing

@testable import HbcatCLI

struct ConfigFileTests {
  private func parse(_ text: String) throws -> [String] {
    try ConfigFile.parse(Array(text.utf8), path: "f").map { "\($0.name)=\($0.value)" }
  }

  @Test func `blanks, comments, carriage returns and a byte order mark do not count`() throws {
    #expect(
      try parse("\u{feff}a=1\r\n\r\n  # x=y\n\t b.c = two words \n#\nd==e\nf=")
        == ["a=1", "b.c=two words", "d==e", "f="])
    #expect(try parse("") == [])
    #expect(try parse("\n\n") == [])
  }

  @Test func `Java's escapes of : and = are taken off`() throws {
    #expect(try parse("bootstrap.servers=h\\:9092,i\\:1") == ["bootstrap.servers=h:9092,i:1"])
    #expect(try parse("a=b\\=c\\d") == ["a=b=c\\d"])
  }

  @Test func `Java's way to leave hosts' names unchecked is understood`() throws {
    let name = "ssl.endpoint.identification.algorithm"
    #expect(try parse("\(name)=\n\(name)=https") == ["\(name)=none", "\(name)=https"])
  }

  @Test func `a line of hundreds of kilobytes is one line`() throws {
    let pem = String(repeating: "x", count: 700_000)
    #expect(try parse("ssl.ca.pem=\(pem)\nb=1") == ["ssl.ca.pem=\(pem)", "b=1"])
  }

  @Test(arguments: [
    ("a=1\nfoo\n", "f:2: expected property=value"), ("=x", "f:1: expected property=value"),
    ("\n\na=\0", "f:3: not text in UTF-8"),
  ])
  func `a bad line is named`(text: String, error: String) {
    #expect(throws: UsageError.circumstance(error)) { try parse(text) }
  }

  @Test func `a line over the limit and bytes that are no text are errors`() {
    let long = [UInt8](repeating: 0x61, count: ConfigFile.lineBytesMax + 1)
    #expect(throws: UsageError.self) { try ConfigFile.parse(long, path: "f") }
    #expect(throws: UsageError.circumstance("f:1: not text in UTF-8")) {
      try ConfigFile.parse([0x61, 0x3d, 0xff], path: "f")
    }
  }

  @Test func `the origin says file and line`() throws {
    let property = try ConfigFile.parse(Array("\na=1".utf8), path: "dir/f").first
    #expect(property == PropertySetting(name: "a", value: "1", origin: .file(place: "dir/f:2")))
  }
}

struct ConfigFileSearchTests {
  private func names(_ fixture: CommandLineFixture, _ line: String) throws -> [String] {
    guard case .list(let list) = try fixture.plan(line) else { return [] }
    return list.client.properties.map { "\($0.name)=\($0.value)" }
  }

  @Test func `the command line wins over the file of the environment`() throws {
    let fixture = CommandLineFixture(
      variables: ["KCAT_CONFIG": "c"], files: ["c": "client.id=file\nbootstrap.servers=h"])
    #expect(
      try names(fixture, "-L -X client.id=typed") == [
        "client.id=file", "bootstrap.servers=h", "client.id=typed",
      ])
    #expect(fixture.said == ["% Reading configuration from file c"])
  }

  @Test func `-b wins over everything`() throws {
    let fixture = CommandLineFixture(files: ["c": "bootstrap.servers=file"])
    #expect(
      try names(fixture, "-b typed -L -F c -X bootstrap.servers=x") == [
        "bootstrap.servers=file", "bootstrap.servers=x", "bootstrap.servers=typed",
      ])
  }

  @Test func `-F acts in its place and keeps the environment's file out`() throws {
    let fixture = CommandLineFixture(
      variables: ["HBCAT_CONFIG": "e"], files: ["c": "client.id=file", "e": "client.id=env"])
    #expect(
      try names(fixture, "-L -X client.id=1 -F c -X client.id=2 -b h")
        == ["client.id=1", "client.id=file", "client.id=2", "bootstrap.servers=h"])
  }

  @Test func `hbcat's own variable and file come before kcat's`() throws {
    let fixture = CommandLineFixture(
      variables: ["HBCAT_CONFIG": "h", "KCAT_CONFIG": "k", "KAFKACAT_CONFIG": "o"],
      files: ["h": "client.id=h", "k": "client.id=k", "o": "client.id=o"])
    #expect(try names(fixture, "-L -b x") == ["client.id=h", "bootstrap.servers=x"])
    let files = CommandLineFixture(
      variables: ["HOME": "/h"],
      files: ["/h/.config/hbcat.conf": "client.id=h", "/h/.config/kcat.conf": "client.id=k"])
    #expect(try names(files, "-L -b x") == ["client.id=h", "bootstrap.servers=x"])
    #expect(files.said == [])
    #expect(try names(files, "-L -b x -F none") == ["bootstrap.servers=x"])
    #expect(try names(files, "-L -b x -F -") == ["bootstrap.servers=x"])
  }

  @Test(arguments: ["kcat", "/usr/bin/kafkacat"])
  func `called by kcat's name, hbcat's own files are not read`(_ program: String) throws {
    func ids(_ fixture: CommandLineFixture) throws -> [String] {
      let line = ["-L", "-b", "x"].map { Argument($0) }
      guard case .list(let list) = try fixture.plan(line, program: Argument(program)) else {
        return []
      }
      return list.client.properties.filter { $0.name == "client.id" }.map(\.value)
    }
    let files = [
      "h": "client.id=h", "k": "client.id=k", "/h/.config/hbcat.conf": "client.id=own",
      "/h/.config/kcat.conf": "client.id=kcat",
    ]
    let both = ["HBCAT_CONFIG": "h", "KCAT_CONFIG": "k"]
    #expect(try ids(CommandLineFixture(variables: both, files: files)) == ["k"])
    let home = ["HBCAT_CONFIG": "h", "HOME": "/h"]
    #expect(try ids(CommandLineFixture(variables: home, files: files)) == ["kcat"])
  }

  @Test func `the old names are read and said to be old`() throws {
    let variable = CommandLineFixture(
      variables: ["KAFKACAT_CONFIG": "o"], files: ["o": "client.id=o"])
    #expect(try names(variable, "-L -b x") == ["client.id=o", "bootstrap.servers=x"])
    #expect(
      variable.said == [
        "% KAFKA_CONFIG is deprecated!", "% Rename KAFKA_CONFIG to KCAT_CONFIG",
        "% Reading configuration from file o",
      ])
    let file = CommandLineFixture(
      variables: ["HOME": "/h"], files: ["/h/.config/kafkacat.conf": "client.id=o"])
    #expect(try names(file, "-L -b x") == ["client.id=o", "bootstrap.servers=x"])
    #expect(file.said.first == "% Configuration filename kafkacat.conf is deprecated!")
  }

  @Test func `a variable that names no file is fatal, also with -F none`() {
    let fixture = CommandLineFixture(variables: ["KCAT_CONFIG": "gone"])
    #expect(throws: UsageError.self) { try fixture.plan("-L -b x -F none") }
    #expect(
      fixture.said.suffix(2) == [
        "% ERROR: Failed to open gone: No such file or directory", "exit 1",
      ])
  }

  @Test func `-X dump shows files, options and brokers, and needs no broker`() throws {
    let fixture = CommandLineFixture(variables: ["KCAT_CONFIG": "c"], files: ["c": "client.id=1"])
    guard case .propertyDump(let client) = try fixture.plan("-X dump -z gzip") else {
      Issue.record("no dump")
      return
    }
    #expect(client.properties.map(\.name) == ["client.id", "compression.codec"])
  }
}
