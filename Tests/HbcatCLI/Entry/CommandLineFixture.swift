import Synchronization

@testable import HbcatCLI

/// A command line parsed without a process: its own environment, files and stderr.
final class CommandLineFixture: Sendable {
  private let lines = Mutex<[String]>([])
  private let variables: [String: String]
  private let files: [String: String]
  private let modes: [String: UInt32]
  private let terminal: Bool

  init(
    variables: [String: String] = [:], files: [String: String] = [:],
    modes: [String: UInt32] = [:], terminal: Bool = true
  ) {
    self.variables = variables
    self.files = files
    self.modes = modes
    self.terminal = terminal
  }

  /// What was said on stderr.
  var said: [String] { lines.withLock { $0 } }

  var surroundings: Surroundings {
    let (variables, files, modes, terminal) = (variables, files, modes, terminal)
    return Surroundings(
      variable: { variables[$0] },
      readFile: { path in
        guard let text = files[path.description] else { return .failure(.noEntry) }
        return .success(Array(text.utf8))
      },
      fileMode: { modes[$0.description] },
      standardInputIsTerminal: { terminal })
  }

  /// Makes a plan of words, the program's name not among them.
  func plan(_ words: [Argument], program: Argument = "hbcat") throws(UsageError) -> Plan {
    let (dialect, rest) = Dialect.choose(program: program, words: words)
    let messages = Messages { [self] bytes in
      lines.withLock { $0.append(String(decoding: bytes.dropLast(), as: UTF8.self)) }
    }
    do throws(UsageError) {
      return try dialect.plan(rest, surroundings: surroundings, messages: messages)
    } catch {
      let status = dialect.report(error, to: messages)
      lines.withLock { $0.append("exit \(status)") }
      throw error
    }
  }

  /// Makes a plan of a line that is cut at blanks.
  func plan(_ line: String, program: Argument = "hbcat") throws(UsageError) -> Plan {
    try plan(line.split(separator: " ").map { Argument(String($0)) }, program: program)
  }
}

/// The plan of a line, with nothing in the environment and a terminal on stdin.
func plan(_ line: String) throws -> Plan { try CommandLineFixture().plan(line) }

func consumePlan(_ line: String) throws -> ConsumePlan? {
  if case .consume(let plan) = try plan(line) { plan } else { nil }
}

func producePlan(_ line: String) throws -> ProducePlan? {
  if case .produce(let plan) = try plan(line) { plan } else { nil }
}

/// What a line that makes no plan prints, and its exit code as the last line.
func refusal(_ line: String, program: Argument = "hbcat") -> [String] {
  refusal(line.split(separator: " ").map { Argument(String($0)) }, program: program)
}

func refusal(_ words: [Argument], program: Argument = "hbcat") -> [String] {
  let fixture = CommandLineFixture()
  do throws(UsageError) {
    return ["made a plan: \(try fixture.plan(words, program: program))"]
  } catch {
    return fixture.said
  }
}
