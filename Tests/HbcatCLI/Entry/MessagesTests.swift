import Synchronization
import Testing

@testable import HbcatCLI

private final class Lines: Sendable {
  let all = Mutex<[String]>([])
  var sink: @Sendable ([UInt8]) -> Void {
    { [self] bytes in all.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) } }
  }
  var said: [String] { all.withLock { $0 } }
}

struct MessagesTests {
  @Test func `information comes at its verbosity and does not fail`() {
    let lines = Lines()
    let messages = Messages(sink: lines.sink)
    messages.info(1, "one")
    messages.info(2, "two")
    messages.verbosity = 0
    messages.info(1, "three")
    #expect(lines.said == ["% one\n"])
    #expect(messages.exitStatus == 0)
  }

  @Test func `a fatal error is said even if quiet, and fails`() {
    let lines = Lines()
    let messages = Messages(verbosity: 0, sink: lines.sink)
    messages.fatal("broken")
    #expect(lines.said == ["% ERROR: broken\n"])
    #expect(messages.exitStatus == 1)
  }

  @Test func `an error ends the work unless one asked to go on`() {
    let lines = Lines()
    let messages = Messages(sink: lines.sink)
    #expect(!messages.error("down", keepGoing: true))
    #expect(messages.exitStatus == 0)
    #expect(messages.error("down", keepGoing: false))
    #expect(lines.said == ["% ERROR: down\n", "% ERROR: down: terminating\n"])
    #expect(messages.exitStatus == 1)
  }

  @Test func `a failure is kept back when quiet, but fails`() {
    let lines = Lines()
    let messages = Messages(verbosity: 0, sink: lines.sink)
    messages.failure("Delivery failed")
    #expect(lines.said == [])
    #expect(messages.exitStatus == 1)
  }

  @Test func `control characters are written out`() {
    #expect(
      Messages.visible("a\u{1b}[2Jb\nc\u{7f}\u{9b}\u{202e}é")
        == "a\\x1b[2Jb\\nc\\x7f\\x9b\\u{202e}é")
    let lines = Lines()
    Messages(sink: lines.sink).info(1, "x\r\u{0}")
    #expect(lines.said == ["% x\\r\\x00\n"])
  }

  @Test func `colour marks errors and nothing else`() {
    let lines = Lines()
    let messages = Messages(colour: true, sink: lines.sink)
    messages.info(1, "plain")
    messages.fatal("broken")
    #expect(lines.said == ["% plain\n", "% \u{1b}[1;31mERROR:\u{1b}[0m broken\n"])
  }
}
