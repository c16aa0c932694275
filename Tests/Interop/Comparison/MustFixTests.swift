import Glibc
import TestSupport
import Testing

/// What kcat does wrong and hbcat must not: the must-fix list of the reference, 1.15, by its numbers.
@Suite(.serialized, .clusters) struct MustFixTests {
  /// A topic with these lines.
  private func filled(
    _ bench: Bench, _ text: String, _ options: String...
  ) async throws -> String {
    let topic = bench.topic("fix")
    let sent = try await run(
      [Places.hbcat, "-b", bench.bootstrap, "-P", "-t", topic] + options, input: Array(text.utf8))
    try #require(sent.status == 0, "\(sent.stderr)")
    return topic
  }

  @Test func `1.15 (1): SIGINT ends a producer that waits for stdin`() async throws {
    let bench = try await Bench(.embedded)
    let child = try Child([Places.hbcat, "-b", bench.bootstrap, "-P", "-t", "one", "-T", "-u"])
    await child.write("one\n")
    #expect(await eventually { child.stdout == "one\n" })
    child.signal(SIGINT)
    #expect(await child.end(within: 10).status == 0)
  }

  @Test func `1.15 (2): what was read before a fatal error is delivered`() async throws {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("fatal")
    let lines = "one\ntwo\n" + String(repeating: "x", count: 5000) + "\n"
    let sent = try await bench.hbcat(
      "-P", "-t", topic, "-X", "message.max.bytes=2000", "-X", "linger.ms=1000",
      input: Array(lines.utf8))
    #expect(sent.status == 1)
    #expect(try await bench.hbcat("-C", "-t", topic, "-e", "-q").stdout == "one\ntwo\n")
  }

  @Test func `1.15 (3): output that cannot be written is a failure, a reader that left is none`()
    async throws
  {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench, "one\n")
    let command = "\(Places.hbcat) -b \(bench.bootstrap) -C -t \(topic) -e -q"
    let full = try await run(["sh", "-c", "\(command) >/dev/full"])
    #expect(full.status == 1)
    let left = try await run(["bash", "-c", "set -o pipefail; \(command) | true"])
    #expect(left.status == 0)
    #expect(left.stderr == "")
  }

  @Test func `1.15 (4): JSON of bytes that are not UTF-8 is UTF-8`() async throws {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("binary")
    _ = try await bench.hbcat("-P", "-t", topic, input: [0xff, 0xfe, 10])
    let read = try await bench.hbcat("-C", "-t", topic, "-e", "-q", "-J")
    let text = try #require(String(validating: read.stdoutBytes, as: UTF8.self))
    #expect(text.contains("\"payload\":\"\u{fffd}\u{fffd}\"}"))
  }

  @Test func `1.15 (5): -f knows all bytes, and two digits are one`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench, "one\n")
    let read = try await bench.hbcat(
      "-C", "-t", topic, "-e", "-q", "-f", #"\xff\x41bc\x00\xa"#)
    #expect(read.stdoutBytes == [0xff, 0x41, 0x62, 0x63, 0, 10])
  }

  @Test func `1.15 (6): -K and -D are no formats and of any length`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench, "k:one\n", "-K:")
    let long = String(repeating: "%s", count: 50)
    let read = try await bench.hbcat("-C", "-t", topic, "-e", "-q", "-K", long, "-D", "%o")
    #expect(read.stdout == "k\(long)one%o")
  }

  @Test func `1.15 (7): -O prints the offset`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench, "one\ntwo\n")
    let read = try await bench.hbcat("-C", "-t", topic, "-e", "-q", "-O")
    #expect(read.stdout == "0\tone\n1\ttwo\n")
  }

  @Test func `1.15 (8): < is little-endian, c stops at the end, and -s holds with -J`()
    async throws
  {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("packed")
    _ = try await bench.hbcat("-P", "-t", topic, input: [5, 0, 0, 0, 10])
    let little = try await bench.hbcat("-C", "-t", topic, "-e", "-q", "-s", "value=<i")
    #expect(little.stdout == "5\n")
    let short = try await bench.hbcat("-C", "-t", topic, "-e", "-q", "-s", "value=ic")
    #expect(short.status == 1)
    #expect(short.stderr.contains("value truncated, expected 1 bytes to unpack c"))
    let json = try await bench.hbcat("-C", "-t", topic, "-e", "-q", "-s", "value=<i", "-J")
    #expect(json.stdout.contains("\"payload\":\"5\""))
  }

  @Test
  func `1.15 (9): the command line wins over a file, whose lines may be long and have blanks`()
    async throws
  {
    let folder = Places.temporaryFolder()
    let long = String(repeating: "x", count: 2000)
    let file = try #require(fopen("\(folder)/c.conf", "w"))
    fputs("message.timeout.ms = 7777\nclient.id=\(long)\n", file)
    fclose(file)
    let dump = try await run(
      [Places.hbcat, "-X", "message.timeout.ms=1111", "-X", "dump"],
      environment: ["KCAT_CONFIG": "\(folder)/c.conf"])
    #expect(dump.stdout.contains("message.timeout.ms = 1111\n"))
    #expect(dump.stdout.contains("client.id = \(long)\n"))
  }

  @Test func `1.15 (10): -Q stands anywhere and says where there is no message`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench, "one\n")
    let end = try await bench.hbcat("-t", "\(topic):0:99999999999999", "-Q")
    #expect(end.stdout == "\(topic) [0] offset -1\n")
    #expect(
      end.stderr
        == "% \(topic) [0]: no message has the timestamp 99999999999999 or a later one\n")
    #expect(end.status == 0)
    // kcat gives the first answer to both.
    let twice = try await bench.hbcat("-Q", "-t", "\(topic):0:-1", "-t", "\(topic):0:-2")
    #expect(twice.stdout == "\(topic) [0] offset 1\n\(topic) [0] offset 0\n")
  }

  @Test func `1.15 (11): -L creates no topic, and list shows offsets and configurations`()
    async throws
  {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("absent")
    for _ in 0..<2 {
      let list = try await bench.hbcat("-L", "-t", topic)
      #expect(list.stdout.contains("with 0 partitions: Broker: Unknown topic or partition\n"))
    }
    let filled = try await filled(bench, "one\n")
    let details = try await bench.hbcat("list", "--offsets", "--all-configs", "-t", filled)
    #expect(details.stdout.contains("\n    config cleanup.policy=delete (default)\n"))
    #expect(details.stdout.contains(", offsets: 0..1\n"))
  }

  @Test func `1.15 (12): -Z tells null from empty`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench, "k:\n", "-K:")
    _ = try await bench.hbcat("-P", "-t", topic, "-K:", "-Z", input: Array("k:\n".utf8))
    let read = try await bench.hbcat("-C", "-t", topic, "-e", "-q", "-Z", "-f", "[%s]")
    #expect(read.stdout == "[][NULL]")
  }

  /// Where the cases of nulls run.
  private static let nullTargets: [Target] =
    RealKafka.isAvailable ? [.embedded, .kafka431] : [.embedded]

  @Test(arguments: nullTargets)
  func `1.15 (12): --null-marker makes each of key and value null, empty or a text`(
    _ target: Target
  ) async throws {
    let bench = try await Bench(target)
    let topic = bench.topic("null")
    let lines = "\\N:\\N\n\\N:\n\\N:v\n:\\N\n:\n:v\nk:\\N\nk:\nk:v\n"
    let sent = try await bench.hbcat(
      "produce", "-t", topic, "-K:", "--null-marker", "\\N", "-p", "0", input: Array(lines.utf8))
    try #require(sent.status == 0, "\(sent.stderr)")
    let sizes = try await bench.hbcat("-C", "-t", topic, "-e", "-q", "-f", "%K %S,")
    #expect(sizes.stdout == "-1 -1,-1 0,-1 1,0 -1,0 0,0 1,1 -1,1 0,1 1,")
    let json = try await bench.hbcat("-C", "-t", topic, "-e", "-q", "-J")
    #expect(json.stdout.contains(#""key":null,"payload":null}"#))
    #expect(json.stdout.contains(#""key":null,"payload":""}"#))
    #expect(json.stdout.contains(#""key":"","payload":null}"#))
    #expect(json.stdout.contains(#""key":"","payload":""}"#))
    // What is printed so can be read again.
    let printed = try await bench.hbcat(
      "consume", "-t", topic, "-e", "-q", "-K:", "--null-marker=\\N")
    #expect(printed.stdout == lines)
  }

  @Test(arguments: [["-o", "x"], ["-p", "x"], ["-c", "x"], ["-m", "x"], ["-o", "1x"]])
  func `1.15 (13): what is no number is an error`(_ option: [String]) async throws {
    let result = try await run([Places.hbcat, "-b", "h:1", "-C", "-t", "t"] + option)
    #expect(result.status == 1)
    #expect(result.stderr.contains("\(option[0]): expected"), "\(result.stderr)")
  }

  @Test func `1.15 (14): -T writes the delimiter behind each message`() async throws {
    let bench = try await Bench(.embedded)
    let sent = try await bench.hbcat(
      "-P", "-t", bench.topic("tee"), "-T", "-D;", input: Array("one;two;".utf8))
    #expect(sent.stdout == "one;two;")
  }

  @Test func `1.15 (15): a file among others that cannot be sent is a failure`() async throws {
    let bench = try await Bench(.embedded)
    let sent = try await bench.hbcat(
      "-P", "-t", bench.topic("files"), "/etc/hostname", "/nowhere/file")
    #expect(sent.status == 1)
    #expect(sent.stderr.contains("% Failed to produce from 1/2 files\n"))
  }

  @Test func `1.15 (16): e@ ends without -e where no message of that time comes`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench, "one\n")
    let stamp = try await bench.hbcat("-C", "-t", topic, "-e", "-q", "-f", "%T")
    let time = try #require(Int64(stamp.stdout))
    #expect(await eventually { wallClockMs() > time + 1 })
    let read = try await bench.hbcat("-C", "-t", topic, "-o", "e@\(time + 1)", within: 10)
    #expect(read.status == 0, "\(read.stderr)")
    #expect(read.stdout == "one\n")
  }

  @Test func `1.15 (17): a group may begin at a time`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench, "one\n")
    let read = try await bench.hbcat("-G", bench.topic("g"), "-o", "s@1", "-e", "-q", topic)
    #expect(read.stdout == "one\n")
    #expect(read.status == 0)
  }

  @Test func `1.15 (18): a cooperative member goes on at the committed offset`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench, "one\ntwo\n")
    let group = bench.topic("g")
    for line in ["one\n", "two\n"] {
      let read = try await bench.hbcat(
        "-G", group, "-c", "1", "-q", topic, "-X", "auto.offset.reset=earliest",
        "-X", "partition.assignment.strategy=cooperative-sticky")
      #expect(read.stdout == line)
    }
  }

  @Test func `1.15 (19): a command line of a consumer needs no terminal`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench, "one\n")
    let read = try await bench.hbcat("-t", topic, "-o", "beginning", "-e", "-q")
    #expect(read.stdout == "one\n")
  }

  @Test func `1.15 (20): options without effect on files are named`() async throws {
    let bench = try await Bench(.embedded)
    let sent = try await bench.hbcat(
      "-P", "-t", bench.topic("files"), "-T", "-Z", "-K:", "/etc/hostname")
    #expect(sent.stderr.contains("% -T, -K, -Z without effect: "), "\(sent.stderr)")
    let marked = try await bench.hbcat(
      "produce", "-t", bench.topic("files"), "--null-marker", "x", "/etc/hostname")
    #expect(marked.stderr.contains("% --null-marker without effect: "), "\(marked.stderr)")
  }

  @Test func `1.15 (21): a topic that is not there does not end a group`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench, "one\n")
    let child = try Child([
      Places.hbcat, "-b", bench.bootstrap, "-G", bench.topic("g"), "-o", "beginning", topic,
      bench.topic("absent"),
    ])
    #expect(await eventually { child.stdout == "one\n" })
    child.signal(SIGINT)
    let end = await child.end(within: 10)
    #expect(end.status == 0, "\(end.stderr)")
    #expect(end.stderr.contains("Subscribed topic not available"))
  }

  @Test func `1.15 (22): -L names the broker that answered`() async throws {
    let bench = try await Bench(.embedded)
    for _ in 0..<5 {
      let list = try await bench.hbcat("-L")
      #expect(list.stdout.contains("(from broker 1001: \(bench.bootstrap)/1001)"))
    }
  }

  @Test func `1.15 (23): consume reads several topics`() async throws {
    let bench = try await Bench(.embedded)
    let first = try await filled(bench, "one\n")
    let second = try await filled(bench, "two\nthree\n")
    let read = try await bench.hbcat(
      "consume", "-t", first, second, "-t", first, "-e", "-f", "%t %s,")
    #expect(
      read.stdout.split(separator: ",").sorted().joined(separator: ",")
        == "\(first) one,\(second) three,\(second) two")
    #expect(read.status == 0)
    #expect(read.stderr.split(separator: "\n").count == 2)
    let absent = try await bench.hbcat("consume", first, bench.topic("absent"), "-e")
    #expect(absent.status == 1)
    #expect(absent.stdout == "")
  }

  @Test func `1.15 (24): output is written as soon as nothing more is ready`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench, "one\n")
    let child = try Child([Places.hbcat, "-b", bench.bootstrap, "-C", "-t", topic])
    #expect(await eventually(within: 5) { child.stdout == "one\n" })
    child.signal(SIGINT)
    _ = await child.end(within: 10)
  }

  @Test func `1.15 (25): a usage error is one line that names the way out`() async throws {
    let result = try await run([Places.hbcat, "-L", "-y"])
    #expect(result.stderr == "Error: unknown argument -y (try 'hbcat -h')\n")
    #expect(result.status == 1)
  }

  private func wallClockMs() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
  }
}
