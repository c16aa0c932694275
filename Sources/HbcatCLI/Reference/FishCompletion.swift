/// The completion for fish, made of the tables.
enum FishCompletion {
  static var text: String {
    """
    # fish completion for hbcat. Made by 'hbcat reference fish'; do not edit.

    # The subcommand typed so far, or kcat after one of kcat's modes.
    function __hbcat_command
      set -l with_value \(CompletionTable.spellingsWithValue.joined(separator: " "))
      set -l tokens (commandline -opc)
      set -l skip 0
      for word in $tokens[2..-1]
        if test $skip = 1
          set skip 0
          continue
        end
        if contains -- $word $with_value
          set skip 1
        end
        switch $word
          case -- \(CompletionTable.modeFlags.map { "'\($0)*'" }.joined(separator: " "))
            echo kcat
            return
          case '-*'
          case '*'
            echo $word
            return
        end
      end
    end

    function __hbcat_is
      contains -- "$(__hbcat_command)" $argv
    end

    complete -c hbcat -f
    \(words)\(kcat)\(commands)
    """
  }

  private static var words: String {
    var text = ""
    for command in Command.shown {
      text += "complete -c hbcat -n '__hbcat_is \"\"' -a \(command.rawValue) "
      text += "-d \(CompletionTable.quoted(command.summary))\n"
    }
    for key in [OptionKey.help, .version] {
      guard let row = OptionTable.rows.first(where: { $0.key == key }) else { continue }
      text += "complete -c hbcat -n '__hbcat_is \"\"' -l \(row.long.first ?? "") "
      text += "-d \(CompletionTable.quoted(row.summary))\n"
    }
    return text
  }

  private static var kcat: String {
    var text = "complete -c hbcat -n '__hbcat_is kcat' -F\n"
    for row in CompletionTable.kcatRows { text += line(row, "\"\" kcat", long: false) }
    return text
  }

  private static var commands: String {
    var text = ""
    for command in Command.shown {
      let names = ([command.rawValue] + (command.alias.map { [$0] } ?? []))
        .joined(separator: " ")
      for row in OptionTable.rows(of: command) { text += line(row, names, long: true) }
      switch command.operandCompletion {
      case .none, .host: break
      case .file: text += "complete -c hbcat -n '__hbcat_is \(names)' -F\n"
      case .words(let words):
        text += "complete -c hbcat -n '__hbcat_is \(names)' "
        text += "-a \(CompletionTable.quoted(words.joined(separator: " ")))\n"
      }
    }
    return text
  }

  private static func line(_ row: OptionRow, _ names: String, long: Bool) -> String {
    var text = "complete -c hbcat -n '__hbcat_is \(names)'"
    if let letter = row.short { text += " -s \(letter)" }
    if long, let name = row.long.first { text += " -l \(name)" }
    if row.argument != nil { text += action(row.completion) }
    return text + " -d \(CompletionTable.quoted(row.summary))\n"
  }

  private static func action(_ kind: CompletionKind) -> String {
    switch kind {
    case .none: " -x"
    case .file: " -r -F"
    case .host: " -x -a '(__fish_print_hostnames)'"
    case .words(let words): " -x -a \(CompletionTable.quoted(words.joined(separator: " ")))"
    }
  }
}
