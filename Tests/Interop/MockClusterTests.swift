import Glibc
import TestSupport
import Testing

/// `-M`: brokers until stdin ends, as kcat's later versions have it.
@Suite struct MockClusterTests {
  private func started() async throws -> (Child, String) {
    let child = try Child([Places.hbcat, "-M", "3"])
    try #require(await eventually { child.stdout.hasSuffix("\n") }, "\(child.stderr)")
    try #require(child.stdout.hasPrefix("BROKERS=127.0.0.1:"))
    return (child, String(child.stdout.dropFirst("BROKERS=".count).dropLast()))
  }

  @Test func `clients can use it, and it ends with stdin`() async throws {
    let (mock, brokers) = try await started()
    #expect(brokers.split(separator: ",").count == 3)
    let sent = try await run(
      [Places.hbcat, "-b", brokers, "-P", "-t", "new"], input: Array("one\ntwo\n".utf8))
    #expect(sent.status == 0, "\(sent.stderr)")
    let read = try await run([Places.hbcat, "-b", brokers, "-C", "-t", "new", "-e", "-q"])
    #expect(read.stdout.split(separator: "\n").sorted() == ["one", "two"])
    let list = try await run([Places.hbcat, "-b", brokers, "-L", "-t", "new"])
    #expect(list.stdout.contains(" 3 brokers:\n  broker 1 at 127.0.0.1:"))
    #expect(list.stdout.contains("topic \"new\" with 4 partitions:"))
    // Lines say nothing to it.
    await mock.write("down 1\n")
    mock.closeInput()
    let end = await mock.end(within: 10)
    #expect(end.status == 0)
    #expect(end.stdout == "BROKERS=\(brokers)\n")
    #expect(
      end.stderr == """
        % Mock cluster started with bootstrap.servers=\(brokers)
        % Press Ctrl-C or Ctrl-D to terminate.
        % Terminating mock cluster

        """)
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `a signal ends it`(_ signal: Int32) async throws {
    let (mock, _) = try await started()
    mock.signal(signal)
    let end = await mock.end(within: 10)
    #expect(end.status == 0)
    #expect(end.stderr.hasSuffix("% Terminating mock cluster\n"))
  }

  @Test(.enabled(if: Places.has("kcat"), "needs kcat"))
  func `kcat can use it`() async throws {
    let (mock, brokers) = try await started()
    let sent = try await run(
      ["kcat", "-b", brokers, "-P", "-t", "new"], input: Array("one\n".utf8), within: 30)
    #expect(sent.status == 0, "\(sent.stderr)")
    let read = try await run(["kcat", "-b", brokers, "-C", "-t", "new", "-c", "1"], within: 30)
    #expect(read.stdout == "one\n")
    mock.closeInput()
    #expect(await mock.end(within: 10).status == 0)
  }
}
