/// What every command that talks to a cluster needs.
struct ClientPlan: Hashable, Sendable {
  /// Properties in the order in which they act: files first, then the command line; a later one wins.
  ///
  /// `bootstrap.servers` is among them, last if `-b` was given.
  var properties: [PropertySetting] = []
  /// Time limit for metadata and the like, in milliseconds.
  var timeoutMs: Int64 = 5000
  /// Asks for the SASL password at the terminal, whatever else was given (`--password-file -`).
  var asksForPassword = false
  /// `-E`: goes on after an error that is not fatal.
  var keepGoing = false
  /// 0 quiet, 1 as usual, one more for each `-v`.
  var verbosity = 1
  /// `-u`: output is written at once.
  var unbuffered = false

  /// The last value set for any of these names (a property and its synonyms).
  func value(of names: String...) -> String? {
    properties.last { names.contains($0.name) }?.value
  }
}
