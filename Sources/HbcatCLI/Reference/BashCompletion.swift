/// The completion for bash, made of the tables; it needs nothing but bash.
enum BashCompletion {
  static var text: String {
    """
    # bash completion for hbcat. Made by 'hbcat reference bash'; do not edit.

    _hbcat() {
      local cur=${COMP_WORDS[COMP_CWORD]} prev= command= word skip= index
      local with_value=' \(CompletionTable.spellingsWithValue.joined(separator: " ")) '
      COMPREPLY=()
      for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        if [[ -n $skip ]]; then
          [[ $word == '=' ]] || skip=
          continue
        fi
        case $word in
          --) [[ -n $command ]] || command=kcat ;;
          \(modeFlags)) [[ -n $command ]] || command=kcat ;;&
          -*) [[ $with_value == *" $word "* ]] && skip=1 ;;
          *) [[ -n $command ]] || command=$word ;;
        esac
      done
      if [[ $cur == '=' ]]; then
        cur=
        prev=${COMP_WORDS[COMP_CWORD-1]}
      elif [[ -n $skip ]]; then
        prev=${COMP_WORDS[COMP_CWORD-1]}
        [[ $prev == '=' ]] && prev=${COMP_WORDS[COMP_CWORD-2]}
      fi
      case $prev in
        '') ;;
    \(values)    *) return ;;
      esac
      case $command in
        '')
          if [[ $cur == -* ]]; then
            COMPREPLY=($(compgen -W \(quoted(kcatOptions + ["--help", "--version"])) -- "$cur"))
          else
            COMPREPLY=($(compgen -W \(quoted(Command.shown.map(\.rawValue))) -- "$cur"))
          fi
          ;;
        kcat)
          if [[ $cur == -* ]]; then
            COMPREPLY=($(compgen -W \(quoted(kcatOptions)) -- "$cur"))
          else
            _hbcat_files "$cur"
          fi
          ;;
    \(commands)  esac
    }

    _hbcat_files() {
      local IFS=$'\\n'
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -f -- "$1"))
    }

    complete -F _hbcat hbcat

    """
  }

  private static var modeFlags: String {
    CompletionTable.modeFlags.map { "\($0)*" }.joined(separator: " | ")
  }

  private static var kcatOptions: [String] { CompletionTable.kcatRows.map(\.spelling) }

  private static func quoted(_ words: [String]) -> String {
    CompletionTable.quoted(words.joined(separator: " "))
  }

  private static var values: String {
    var text = ""
    var seen: Set<String> = []
    for row in OptionTable.rows where row.argument != nil {
      let names = CompletionTable.spellings(row).filter { seen.insert($0).inserted }
      guard let action = action(row.completion), !names.isEmpty else { continue }
      text += "    \(names.joined(separator: " | "))) \(action); return ;;\n"
    }
    return text
  }

  private static func action(_ kind: CompletionKind) -> String? {
    switch kind {
    case .none: nil
    case .file: "_hbcat_files \"$cur\""
    case .host: "COMPREPLY=($(compgen -A hostname -- \"$cur\"))"
    case .words(let words): "COMPREPLY=($(compgen -W \(quoted(words)) -- \"$cur\"))"
    }
  }

  private static var commands: String {
    var text = ""
    for command in Command.shown {
      let names = [command.rawValue] + (command.alias.map { [$0] } ?? [])
      let options = OptionTable.rows(of: command).flatMap(CompletionTable.spellings)
      text += """
            \(names.joined(separator: " | ")))
              if [[ $cur == -* ]]; then
                COMPREPLY=($(compgen -W \(quoted(options)) -- "$cur"))

        """
      if let operand = action(command.operandCompletion) {
        text += "      else\n        \(operand)\n"
      }
      text += "      fi\n      ;;\n"
    }
    return text
  }
}
