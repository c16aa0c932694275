/// Cuts a command line into options and positional words, as GNU getopt does.
///
/// Options may follow positional words, short ones may be clustered with the value attached, and
/// `--` ends them. Which options there are is the caller's affair.
struct CommandLineScanner {
  /// A piece of the command line.
  enum Item {
    /// An option, with its value (empty if it takes none) and how it was typed.
    case option(OptionRow, value: Argument, spelling: String)
    /// Any other word, its place among the words, and whether `--` stood before it.
    case positional(Argument, at: Int, afterDashes: Bool)
  }

  /// What is wrong with an option; the scanner can go on behind it.
  enum ScanError: Error {
    case unknown(spelling: String)
    case valueMissing(OptionRow, spelling: String)
    case valueNotTaken(spelling: String)
  }

  private let words: [Argument]
  private let short: (UInt8) -> OptionRow?
  /// nil: there are no long options.
  private let long: ((String) -> OptionRow?)?
  private var index = 0
  private var cluster: ArraySlice<UInt8> = []
  private var onlyPositionals = false

  init(
    _ words: [Argument], short: @escaping (UInt8) -> OptionRow?,
    long: ((String) -> OptionRow?)? = nil
  ) {
    self.words = words
    self.short = short
    self.long = long
  }

  /// The next piece; nil at the end.
  mutating func next() throws(ScanError) -> Item? {
    if !cluster.isEmpty { return try nextLetter() }
    guard let word = takeWord() else { return nil }
    let dash = UInt8(ascii: "-")
    guard !onlyPositionals, word.bytes.first == dash, word.bytes.count > 1 else {
      return .positional(word, at: index - 1, afterDashes: onlyPositionals)
    }
    if word.bytes == [dash, dash] {
      onlyPositionals = true
      return try next()
    }
    if word.bytes.starts(with: [dash, dash]) {
      guard let long else { throw .unknown(spelling: word.description) }
      return try longOption(word.bytes.dropFirst(2), long)
    }
    cluster = word.bytes.dropFirst()
    return try nextLetter()
  }

  private mutating func takeWord() -> Argument? {
    guard words.indices.contains(index) else { return nil }
    index += 1
    return words[index - 1]
  }

  private mutating func nextLetter() throws(ScanError) -> Item? {
    guard let letter = cluster.popFirst() else { return try next() }
    let spelling = "-" + String(decoding: CollectionOfOne(letter), as: UTF8.self)
    guard let row = short(letter) else { throw .unknown(spelling: spelling) }
    guard row.argument != nil else { return .option(row, value: "", spelling: spelling) }
    if !cluster.isEmpty {
      defer { cluster = [] }
      return .option(row, value: Argument(cluster), spelling: spelling)
    }
    guard let value = takeWord() else { throw .valueMissing(row, spelling: spelling) }
    return .option(row, value: value, spelling: spelling)
  }

  private mutating func longOption(
    _ text: ArraySlice<UInt8>, _ long: (String) -> OptionRow?
  ) throws(ScanError) -> Item? {
    let parts = text.split(
      separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(decoding: parts.first ?? [], as: UTF8.self)
    let spelling = "--\(name)"
    guard let row = long(name) else { throw .unknown(spelling: spelling) }
    let attached = parts.count > 1 ? parts.last.map { Argument($0) } : nil
    guard row.argument != nil else {
      if attached != nil, row.optionalArgument == nil {
        throw .valueNotTaken(spelling: spelling)
      }
      return .option(row, value: attached ?? "", spelling: spelling)
    }
    guard let value = attached ?? takeWord() else {
      throw .valueMissing(row, spelling: spelling)
    }
    return .option(row, value: value, spelling: spelling)
  }
}
