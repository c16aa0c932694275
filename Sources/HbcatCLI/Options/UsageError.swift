/// Why a command line does not become a plan.
struct UsageError: Error, Equatable {
  /// What kind of mistake it is; kcat words and prints them differently.
  enum Kind: Equatable {
    /// The command line as a whole: something is missing, unknown or too much.
    case syntax
    /// An option's value.
    case value
    /// kcat's one message that says neither "Error" nor "ERROR".
    case plain
    /// Not the command line: a file that cannot be read, for one.
    case circumstance
  }

  var kind: Kind
  /// What is wrong, without a prefix or a period.
  var text: String
  /// The exit code, where it is not that of such mistakes.
  var status: Int32?

  static func syntax(_ text: String) -> UsageError { UsageError(kind: .syntax, text: text) }
  static func value(_ text: String) -> UsageError { UsageError(kind: .value, text: text) }
  static func circumstance(_ text: String) -> UsageError {
    UsageError(kind: .circumstance, text: text)
  }
}
