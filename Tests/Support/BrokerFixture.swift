import Glibc

/// The embedded broker as a child process, as users run it: `hbcat broker`.
public final class BrokerFixture: Sendable {
  /// `host:port`.
  public let bootstrap: String
  private let child: Child

  /// The broker did not start.
  public struct StartError: Error, CustomStringConvertible {
    /// A sentence for people.
    public let description: String
  }

  /// Starts a broker on a free port; `arguments` are added to the command.
  public init(_ arguments: [String] = []) async throws {
    child = try Child(
      [Places.hbcat, "broker", "--listen", "127.0.0.1:0", "--until-stdin-ends"] + arguments)
    let started = child
    guard await eventually(within: 30, { started.stdout.contains("\n") || started.status != nil })
    else {
      throw StartError(description: "the broker said nothing within 30 s")
    }
    // Its first line ends with the address.
    let line = started.stdout.split(separator: "\n").first ?? ""
    let word = line.split { $0 == " " || $0 == "=" }.last.map(String.init) ?? ""
    guard word.contains(":") else {
      throw StartError(description: "no address in '\(line)': \(started.stderr)")
    }
    bootstrap = word
  }

  /// Starts a broker, runs `body` with its address and stops it whatever happens.
  public static func with<T>(
    _ arguments: [String] = [], _ body: (String) async throws -> T
  ) async throws -> T {
    let broker = try await BrokerFixture(arguments)
    let result: Result<T, any Error>
    do { result = .success(try await body(broker.bootstrap)) } catch { result = .failure(error) }
    await broker.stop()
    return try result.get()
  }

  /// The broker's answer to a line was an error.
  public struct Refusal: Error, CustomStringConvertible {
    /// The broker's words.
    public let description: String
  }

  /// Tells the broker something, as `leader t 0 1002`, and waits until it is done; one at a time.
  public func say(_ line: String) async throws {
    let child = child
    let before = child.stdout.count { $0 == "\n" }
    await child.write(line + "\n")
    guard await eventually(within: 10, { child.stdout.count { $0 == "\n" } > before }) else {
      throw Refusal(description: "\(line): no answer within 10 s")
    }
    let answer = child.stdout.split(separator: "\n").last.map(String.init) ?? ""
    guard answer == "ok" else { throw Refusal(description: "\(line): \(answer)") }
  }

  /// Ends the broker and waits for it.
  public func stop() async {
    child.closeInput()
    _ = await child.end(within: 10)
  }
}
