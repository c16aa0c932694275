/// What a shell offers for an option's value.
enum CompletionKind: Hashable, Sendable {
  /// Nothing.
  case none
  /// File names.
  case file
  /// Host names.
  case host
  /// One of these words.
  case words([String])
}

/// In which of kcat's modes an option acts.
struct KcatModes: OptionSet, Hashable, Sendable {
  let rawValue: UInt8
  static let producer = KcatModes(rawValue: 1)
  static let consumer = KcatModes(rawValue: 2)
  static let group = KcatModes(rawValue: 4)
  static let list = KcatModes(rawValue: 8)
  static let query = KcatModes(rawValue: 16)
  /// Not an option of kcat's at all.
  static let none: KcatModes = []
  static let all: KcatModes = [.producer, .consumer, .group, .list, .query]
}

/// One row of the table of options.
struct OptionRow: Sendable {
  /// What it means.
  let key: OptionKey
  /// Its letter, as kcat has it.
  let short: Unicode.Scalar?
  /// Its names; the first is shown, the others are synonyms.
  let long: [String]
  /// The name of its value; nil if it takes none.
  let argument: String?
  /// The name of a value that may be left out, and is typed behind `=` only.
  let optionalArgument: String?
  /// The subcommands that have it.
  let commands: Set<Command>
  /// kcat's modes in which it acts.
  let modes: KcatModes
  /// What it does, in one line.
  let summary: String
  /// What the man page says after that.
  let detail: String
  /// What a shell offers for its value.
  let completion: CompletionKind

  init(
    _ key: OptionKey, _ short: Unicode.Scalar?, _ long: [String] = [], _ argument: String? = nil,
    optional optionalArgument: String? = nil, in commands: Set<Command> = [],
    modes: KcatModes = .none, _ summary: String,
    detail: String = "", completion: CompletionKind = .none
  ) {
    self.key = key
    self.short = short
    self.long = long
    self.argument = argument
    self.optionalArgument = optionalArgument
    self.commands = commands
    self.modes = modes
    self.summary = summary
    self.detail = detail
    self.completion = completion
  }

  /// Letter and name as a person would name the option in a message: `-t`, or `--listen`.
  var spelling: String {
    if let short { return "-\(short)" }
    return long.first.map { "--\($0)" } ?? ""
  }
}

extension OptionRow {
  /// What is shown behind a name: ` FILE`, `[=FILE]`, or nothing.
  func shownArgument(_ form: (String) -> String) -> String {
    if let optionalArgument { return "[=\(form(optionalArgument))]" }
    return argument.map { " \(form($0))" } ?? ""
  }
}
