import TestSupport
import Testing

/// A command line that kcat and hbcat are given side by side, on the same state.
///
/// In the words `{b}` is the bootstrap server, `{t}` a name that only this program has in this case, `{dir}` the
/// folder of files, `{ts1}` and `{ts2}` are the times of the second and third message of `times`.
struct Comparison: Sendable, CustomTestStringConvertible {
  let name: String
  /// Separated by blanks; between single quotes they are part of the word.
  let words: String
  let stdin: String
  /// No `-b` in front.
  let isBare: Bool
  /// Standard input is a terminal.
  let hasTerminal: Bool
  /// Lines come in any order, such as those of several partitions.
  let isUnordered: Bool
  let environment: [String: String]
  /// What ends the program, once it has said `after`; its stdin stays open.
  let signal: Int32?
  let after: String
  /// Seconds after which it is killed.
  let seconds: Double

  init(
    _ name: String, _ words: String, stdin: String = "", bare: Bool = false,
    terminal: Bool = false, unordered: Bool = false, environment: [String: String] = [:],
    signal: Int32? = nil, after: String = "", within seconds: Double = 30
  ) {
    self.name = name
    self.words = words
    self.stdin = stdin
    isBare = bare
    hasTerminal = terminal
    isUnordered = unordered
    self.environment = environment
    self.signal = signal
    self.after = after
    self.seconds = seconds
  }

  var testDescription: String { name }

  /// Whether what it has written to its own topic is read back and compared.
  var readsBack: Bool { words.contains("-t {t}") && !words.contains("-C") }

  /// All of them.
  static let all: [Comparison] =
    readme + listing + query + consuming + grouping + formats + producing + usage

  /// A text cut at blanks that are not between single quotes.
  static func split(_ text: String) -> [String] {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    for character in text {
      switch character {
      case "'":
        isQuoted.toggle()
        word = word ?? ""
      case " " where !isQuoted:
        if let word { words.append(word) }
        word = nil
      default: word = (word ?? "") + String(character)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }
}
