/// A subcommand word.
enum Command: String, CaseIterable, Sendable {
  case list
  case ping
  case produce
  case consume
  case query
  case notify
  case ingest
  case alarms
  case broker
  case demo
  case help
  case version
  /// Prints the man page and the completions; left out of every listing.
  case reference

  /// A second name, where there is one.
  var alias: String? { self == .notify ? "healthbot-notify" : nil }

  /// Words that may stand in place of the command.
  init?(word: String) {
    guard let found = Self.allCases.first(where: { $0.rawValue == word || $0.alias == word }) else {
      return nil
    }
    self = found
  }

  /// The commands that help, man page and completions show.
  static var shown: [Command] { allCases.filter { $0 != .reference } }

  /// What the command does, in a few words.
  var summary: String {
    switch self {
    case .list: "List brokers, topics and partitions"
    case .ping: "Try the way to every broker, step by step"
    case .produce: "Send lines of stdin, or files, to a topic"
    case .consume: "Print a topic's messages"
    case .query: "Find the offsets at which a time begins"
    case .notify: "Publish Healthbot alarms"
    case .ingest: "Raise alarms from telemetry by Healthbot's rules"
    case .alarms: "Show Healthbot alarms, silence them, watch for silence"
    case .broker: "Run an embedded broker, for trying and testing"
    case .demo: "Show list, notify and consume on an embedded broker"
    case .help: "Show help, also on one subcommand"
    case .version: "Print the version"
    case .reference: "Print the man page or a shell's completions"
    }
  }

  /// What stands behind the word and the options; empty if nothing may.
  var operands: String {
    switch self {
    case .produce: "[FILE ...]"
    case .broker: "[run]"
    case .help: "[SUBCOMMAND]"
    case .reference: "man|bash|zsh|fish"
    case .consume: "[TOPIC ...]"
    case .alarms: "[silence VERB | heartbeat] [MATCHER ...]"
    case .query: "[TOPIC:PARTITION:TIMESTAMP ...]"
    case .notify: "[NAME=VALUE ...]"
    case .list, .ping, .ingest, .demo, .version: ""
    }
  }

  /// Words that complete the operand.
  var operandCompletion: CompletionKind {
    switch self {
    case .produce: .file
    case .broker: .words(["run"])
    case .alarms: .words(["silence", "heartbeat"])
    case .help: .words(Command.shown.map(\.rawValue))
    case .reference: .words(["man", "bash", "zsh", "fish"])
    case .list, .ping, .consume, .query, .notify, .ingest, .demo, .version: .none
    }
  }
}
