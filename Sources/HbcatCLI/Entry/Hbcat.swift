import Glibc

/// The program.
public enum Hbcat {
  /// Parses a command line and carries it out; the answer is the exit code.
  ///
  /// `arguments` are the process's own, the program's name first, bytes as the system passed them.
  public static func main(arguments: [[UInt8]]) -> Int32 {
    StandardDescriptors.reserve()
    // A reader that left is seen by write(2)'s error, in every command.
    signal(SIGPIPE, SIG_IGN)
    let words = arguments.map { Argument($0) }
    let program = words.first ?? "hbcat"
    let (dialect, rest) = Dialect.choose(program: program, words: Array(words.dropFirst()))
    let messages = Messages(colour: usesColour(dialect))
    do throws(UsageError) {
      let plan = try dialect.plan(rest, surroundings: .process, messages: messages)
      return execute(plan, messages, isKcat: dialect.isKcat)
    } catch {
      return dialect.report(error, to: messages)
    }
  }

  /// kcat's dialect has no colour; otherwise a terminal has it unless `NO_COLOR` is set.
  private static func usesColour(_ dialect: Dialect) -> Bool {
    if case .kcat = dialect { return false }
    return Terminal.hasColour(2)
  }
}
