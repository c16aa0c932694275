import TestSupport
import Testing

/// Standard input and output that end, are full or are not there.
@Suite(.serialized, .clusters) struct OutputTests {
  private func shell(_ bench: Bench, _ command: String) async throws -> CommandResult {
    try await run([
      "bash", "-c", "set -o pipefail; HBCAT='\(Places.hbcat) -b \(bench.bootstrap)'; \(command)",
    ])
  }

  private func filled(_ bench: Bench) async throws -> String {
    let topic = bench.topic("output")
    let sent = try await bench.hbcat("-P", "-t", topic, input: Bench.lines(50_000))
    #expect(sent.status == 0)
    return topic
  }

  @Test func `a reader that leaves is a quiet 0`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench)
    for command in [
      "$HBCAT -C -t \(topic) | head -1", "$HBCAT -C -t \(topic) -u | head -1",
      "$HBCAT -C -t \(topic) -e -q | true", "$HBCAT -L | true", "$HBCAT -h | true",
    ] {
      let result = try await shell(bench, command)
      #expect(result.status == 0, "\(command): \(result.stderr)")
      #expect(!result.stderr.contains("ERROR"), "\(command): \(result.stderr)")
    }
  }

  @Test func `a full disk is an error that names the first unwritten offset (F72)`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench)
    let all = try await shell(bench, "$HBCAT -C -t \(topic) -e -q >/dev/full")
    #expect(all.status == 1)
    #expect(all.stderr.contains("\(topic) [0] at offset 0 "), "\(all.stderr)")
    let last = try await shell(bench, "$HBCAT -C -t \(topic) -o -1 -e -q >/dev/full")
    #expect(last.status == 1)
    #expect(last.stderr.contains("\(topic) [0] at offset 49999 "), "\(last.stderr)")
  }

  @Test func `a broker whose address cannot be written ends with an error`() async throws {
    let result = try await run(
      ["sh", "-c", "\(Places.hbcat) broker --listen 127.0.0.1:0 >/dev/full"], within: 10)
    #expect(result.status == 1)
    #expect(result.stderr.contains("No space left"), "\(result.stderr)")
  }

  @Test func `closed standard descriptors are not taken by the loop`() async throws {
    let bench = try await Bench(.embedded)
    let topic = try await filled(bench)
    // Quiet, as for any stdout that is closed; it failed with "Invalid argument" from an epoll descriptor.
    let output = try await shell(bench, "$HBCAT -C -t \(topic) -e -q >&-")
    #expect(output.status == 0, "\(output.stderr)")
    #expect(output.stderr == "")
    // It waited for input from an eventfd for ever.
    let input = try await shell(bench, "timeout 10 $HBCAT -P -t \(topic) <&-")
    #expect(input.status == 1)
    #expect(input.stderr.contains("Bad file descriptor"), "\(input.stderr)")
    let consumed = try await shell(
      bench, "$HBCAT -C -t \(topic) -c 1 -f '%o\\n' <&- 2>&-")
    #expect(consumed.status == 0)
    #expect(consumed.stdout == "0\n")
  }

  @Test func `a producer says nothing of its own close`() async throws {
    let bench = try await Bench(.embedded)
    let sent = try await bench.hbcat(
      "-P", "-t", bench.topic("quiet"), "-v", "-v", input: Array("x\n".utf8))
    #expect(sent.status == 0)
    #expect(!sent.stderr.contains("FAIL"), "\(sent.stderr)")
  }
}
