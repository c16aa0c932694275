import Healthbot

/// Which of the two command lines a process was given, and its plan.
enum Dialect: Equatable {
  /// kcat's, for `program` as it is called in messages.
  case kcat(program: String)
  /// A subcommand's.
  case command(Command)
  /// `--help` with nothing else.
  case overview
  /// `--version` with nothing else.
  case version

  /// Chooses by the program's name and the first positional word; answers the words to parse.
  ///
  /// A program called kcat or kafkacat, by name or by a first word as container images have it,
  /// speaks kcat's dialect only. A mode flag of kcat before the word, or `--`, makes it a file or
  /// topic.
  static func choose(program: Argument, words: [Argument]) -> (Dialect, [Argument]) {
    let name = program.lastPathComponent
    if let first = words.first, isKcat(first.description) {
      return (.kcat(program: first.description), Array(words.dropFirst()))
    }
    if isKcat(name) { return (.kcat(program: name), words) }
    if name == Command.notify.alias { return (.command(.notify), words) }
    var scanner = CommandLineScanner(
      words, short: OptionTable.kcat, long: { OptionTable.long($0) })
    var general: Dialect?
    scan: while true {
      let item: CommandLineScanner.Item?
      do throws(CommandLineScanner.ScanError) { item = try scanner.next() } catch { continue }
      switch item {
      case nil: break scan
      case .option(let row, _, let spelling):
        switch row.key {
        case .consumerMode, .producerMode, .listMode, .groupMode, .queryMode, .mockMode:
          return (.kcat(program: "hbcat"), words)
        case .help where spelling == "--help": general = general ?? .overview
        case .version where spelling == "--version": general = general ?? .version
        default: break
        }
      case .positional(let word, let place, let afterDashes):
        guard !afterDashes, let command = Command(word: word.description) else { break scan }
        var rest = words
        rest.remove(at: place)
        return (.command(command), rest)
      }
    }
    return (general ?? .kcat(program: "hbcat"), words)
  }

  /// Whether the command line is kcat's, under whatever name.
  var isKcat: Bool { if case .kcat = self { true } else { false } }

  private static func isKcat(_ name: String) -> Bool { name == "kcat" || name == "kafkacat" }

  /// Makes the plan.
  func plan(
    _ words: [Argument], surroundings: Surroundings, messages: Messages
  ) throws(UsageError) -> Plan {
    switch self {
    case .kcat(let program):
      var dialect = KcatDialect(
        surroundings: surroundings, messages: messages, program: program)
      do throws(UsageError) {
        return try dialect.plan(words)
      } catch {
        throw program == "hbcat" ? Self.hinting(error, words) : error
      }
    case .command(let command):
      var dialect = CommandDialect(command, surroundings: surroundings, messages: messages)
      return try dialect.plan(words)
    case .overview: return .information(CommandHelp.overview)
    case .version: return .information(Version.text)
    }
  }

  /// Adds the subcommand that a mistyped word may have meant, or that a long option needs.
  private static func hinting(_ error: UsageError, _ words: [Argument]) -> UsageError {
    guard error.kind == .syntax else { return error }
    var scanner = CommandLineScanner(
      words, short: OptionTable.kcat, long: { OptionTable.long($0) })
    var usesLong = false
    while true {
      let item: CommandLineScanner.Item?
      do throws(CommandLineScanner.ScanError) { item = try scanner.next() } catch { continue }
      guard let item else { break }
      switch item {
      case .option(_, _, let spelling): usesLong = usesLong || spelling.hasPrefix("--")
      case .positional(let word, _, _):
        let names = Command.shown.map(\.rawValue)
        guard let name = NearestName.of(word.description, among: names) else { break }
        return .syntax("\(error.text); did you mean 'hbcat \(name)'?")
      }
    }
    guard usesLong else { return error }
    return .syntax("\(error.text); long options need a subcommand, as in 'hbcat list'")
  }

  /// Prints why there is no plan, in one line, and answers the exit code.
  ///
  /// kcat's is 1 always. A subcommand's is 2 for a mistake in the command line.
  func report(_ error: UsageError, to messages: Messages) -> Int32 {
    switch self {
    case .kcat(let program):
      switch error.kind {
      case .syntax:
        messages.line("Error: \(error.text) (try '\(program) -h')")
        messages.markFailed()
      case .plain:
        messages.line("% \(error.text)")
        messages.markFailed()
      case .value, .circumstance: messages.fatal(error.text)
      }
      return 1
    case .command(let command):
      switch error.kind {
      case .syntax, .value, .plain:
        let word = command == .help || command == .version ? "" : " \(command.rawValue)"
        messages.fatal("\(error.text) (try 'hbcat\(word) --help')")
        return error.status ?? 2
      case .circumstance:
        messages.fatal(error.text)
        return error.status ?? 1
      }
    case .overview, .version:
      messages.fatal(error.text)
      return 2
    }
  }
}
