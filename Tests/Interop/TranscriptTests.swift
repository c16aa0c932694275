import TestSupport
import Testing

/// The transcript that must come out, with stdin a terminal, and the same from kcat byte by byte.
@Suite(.serialized, .clusters) struct TranscriptTests {
  @Test(arguments: Target.available)
  func `the three commands of the transcript print what they must`(_ target: Target) async throws {
    let bench = try await Bench(target)
    let topic = bench.topic("test")
    // The broker creates the topic at the first record; its offset is then 1.
    let first = try await bench.hbcat("-P", "-t", topic, input: Array("one\n".utf8))
    #expect(first.status == 0, "\(first.stderr)")

    let list = try await bench.hbcat("-L", "-t", topic, terminal: .input)
    let controller = target.hasController ? " (controller)" : ""
    #expect(
      list.stdout == """
        Metadata for \(topic) (from broker 1001: \(bench.bootstrap)/1001):
         1 brokers:
          broker 1001 at \(bench.bootstrap)\(controller)
         1 topics:
          topic "\(topic)" with 1 partitions:
            partition 0, leader 1001, replicas: 1001, isrs: 1001

        """)
    #expect(list.stderr == "")
    #expect(list.status == 0)

    let read = try await bench.hbcat("-t", topic, "-e", terminal: .input)
    #expect(read.stdout == "one\n")
    #expect(
      read.stderr == """
        % Auto-selecting Consumer mode (use -P or -C to override)
        % Reached end of topic \(topic) [0] at offset 1: exiting

        """)
    #expect(read.status == 0)
  }

  @Test(.enabled(if: Places.has("kcat"), "needs kcat"), arguments: Target.available)
  func `kcat prints the same bytes`(_ target: Target) async throws {
    let bench = try await Bench(target)
    let topic = bench.topic("same")
    _ = try await bench.kcat("-P", "-t", topic, input: Array("one\ntwo\n".utf8))
    for arguments in [["-L", "-t", topic], ["-L"]] {
      let ours = try await run([Places.hbcat, "-b", bench.bootstrap] + arguments, terminal: .input)
      let theirs = try await run(
        ["kcat", "-b", bench.bootstrap] + target.kcatOptions + arguments, terminal: .input)
      // kcat now and then asks over its bootstrap connection, whose broker has no id yet.
      let settled = theirs.stdout.replacing(
        "broker -1: \(bench.bootstrap)/bootstrap", with: "broker 1001: \(bench.bootstrap)/1001")
      #expect(sorted(ours.stdout) == sorted(settled))
    }
    for arguments in [
      ["-t", topic, "-e"], ["-C", "-t", topic, "-e", "-o", "end"], ["-C", "-t", topic, "-c", "1"],
    ] {
      let ours = try await run([Places.hbcat, "-b", bench.bootstrap] + arguments, terminal: .input)
      let theirs = try await run(
        ["kcat", "-b", bench.bootstrap] + target.kcatOptions + arguments, terminal: .input)
      #expect(ours.stdoutBytes == theirs.stdoutBytes, "\(arguments)")
      #expect(ours.stderr == theirs.stderr, "\(arguments)")
      #expect(ours.status == theirs.status, "\(arguments)")
    }
  }

  /// Topics come in the broker's order, which may differ between two answers.
  private func sorted(_ listing: String) -> [String] {
    listing.split(separator: "\n").map(String.init).sorted()
  }

  @Test(arguments: Target.available)
  func `a missing topic fails within five seconds with a line that says so`(
    _ target: Target
  ) async throws {
    let bench = try await Bench(target)
    let started = ContinuousClock.now
    let result = try await bench.hbcat("-C", "-t", bench.topic("absent"), "-e")
    #expect(result.status == 1)
    #expect(result.stderr.contains("Unknown topic or partition"))
    #expect(ContinuousClock.now - started < .seconds(5))
  }
}
