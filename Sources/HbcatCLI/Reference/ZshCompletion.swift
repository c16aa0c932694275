/// The completion for zsh, made of the tables.
enum ZshCompletion {
  static var text: String {
    """
    #compdef hbcat
    # zsh completion for hbcat. Made by 'hbcat reference zsh'; do not edit.

    _hbcat() {
      local command= word skip=
      local -a with_value=(\(CompletionTable.spellingsWithValue.joined(separator: " ")))
      for word in "${(@)words[2,CURRENT-1]}"; do
        if [[ -n $skip ]]; then
          skip=
          continue
        fi
        if (( $with_value[(Ie)$word] )); then skip=1; fi
        case $word in
          (--|\(modeFlags)) [[ -n $command ]] || command=kcat ;;
          (-*) ;;
          (*) [[ -n $command ]] || command=$word ;;
        esac
      done
      case $command in
        ('')
          _arguments -s -S :\(specs(CompletionTable.kcatRows, onlyLetters: true)) \\
            '--help[\(escaped(row: .help))]' '--version[\(escaped(row: .version))]' \\
            '1:subcommand:_hbcat_subcommands'
          ;;
        (kcat)
          _arguments -s -S :\(specs(CompletionTable.kcatRows, onlyLetters: true)) '*:file:_files'
          ;;
    \(commands)  esac
    }

    _hbcat_subcommands() {
      local -a subcommands=(
    \(subcommands)  )
      _describe subcommand subcommands
    }

    _hbcat "$@"

    """
  }

  private static var modeFlags: String {
    CompletionTable.modeFlags.map { "\($0)*" }.joined(separator: "|")
  }

  private static var subcommands: String {
    Command.shown.map { command in
      "    \(CompletionTable.quoted("\(command.rawValue):\(command.summary)"))\n"
    }.joined()
  }

  private static func escaped(row key: OptionKey) -> String {
    escaped(OptionTable.rows.first { $0.key == key }?.summary ?? "")
  }

  /// For an explanation in brackets, within single quotes.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "[", "]", "\\", ":": result += "\\\(character)"
      case "'": result += "'\\''"
      default: result.append(character)
      }
    }
    return result
  }

  private static func specs(_ rows: [OptionRow], onlyLetters: Bool = false) -> String {
    var text = ""
    for row in rows {
      let names = CompletionTable.spellings(row).filter { !onlyLetters || !$0.hasPrefix("--") }
      let others = CompletionTable.repeats(row) ? "*" : "(\(names.joined(separator: " ")))"
      let value = row.argument.map { ":\(escaped($0)):\(action(row.completion))" } ?? ""
      for name in names {
        let mark = row.argument == nil ? "" : name.hasPrefix("--") ? "=" : "+"
        text += " \\\n        '\(others)\(name)\(mark)[\(escaped(row.summary))]\(value)'"
      }
    }
    return text
  }

  private static func action(_ kind: CompletionKind) -> String {
    switch kind {
    case .none: " "
    case .file: "_files"
    case .host: "_hosts"
    case .words(let words): "(\(words.joined(separator: " ")))"
    }
  }

  private static var commands: String {
    var text = ""
    for command in Command.shown {
      let names = [command.rawValue] + (command.alias.map { [$0] } ?? [])
      var operands = "'1: :(\(command.rawValue))'"
      if command.operandCompletion != .none {
        operands += " '*:argument:\(action(command.operandCompletion))'"
      }
      text += """
            (\(names.joined(separator: "|")))
              _arguments -s -S :\(specs(OptionTable.rows(of: command))) \\
                \(operands)
              ;;

        """
    }
    return text
  }
}
