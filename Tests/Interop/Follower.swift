import Glibc
import TestSupport

/// `hbcat -C` that goes on reading while a test changes the cluster under it.
final class Follower: Sendable {
  let child: Child

  init(_ bootstrap: String, _ arguments: String...) throws {
    child = try Child([Places.hbcat, "-b", bootstrap, "-C", "-u"] + arguments)
  }

  /// Waits until it has printed exactly this.
  func printed(_ text: String, within seconds: Double = 20) async -> Bool {
    await eventually(within: seconds) { self.child.stdout == text }
  }

  /// Waits until its stderr has this text.
  func said(_ text: String, within seconds: Double = 20) async -> Bool {
    await eventually(within: seconds) { self.child.stderr.contains(text) }
  }

  /// Asks it to end; what it has written by then.
  func end() async -> CommandResult {
    child.signal(SIGTERM)
    return await child.end(within: 10)
  }
}

/// Sends numbered lines to a topic's partition, in one batch where they are few.
@discardableResult
func send(
  _ numbers: Range<Int>, to topic: String, _ partition: Int = 0, at bootstrap: String
) async throws -> String {
  let lines = numbers.map { "line \($0)\n" }.joined()
  let sent = try await run(
    [Places.hbcat, "-b", bootstrap, "-P", "-t", topic, "-p", "\(partition)"],
    input: Array(lines.utf8))
  guard sent.status == 0 else { throw SendError(description: sent.stderr) }
  return lines
}

/// The lines could not be sent.
struct SendError: Error, CustomStringConvertible {
  let description: String
}
