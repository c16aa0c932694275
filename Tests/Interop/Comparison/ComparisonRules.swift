/// What is made alike before two outputs are compared.
enum ComparisonRules {
  /// A rule: its name, and what it does to a text.
  struct Rule: Sendable {
    let name: String
    let apply: @Sendable (String) -> String
  }

  /// For both outputs: names that the two programs must not share.
  static func names(own: String, folder: String) -> Rule {
    Rule(name: "own names") { text in
      text.replacing(own, with: "OWN").replacing(folder, with: "DIR")
    }
  }

  /// For stderr.
  static let errors: [Rule] = [
    clientLog,
    Rule(name: "member ids") { $0.replacing(/memberid [^),]*/, with: "memberid M") },
    Rule(name: "how long a connection was tried, and how often") { text in
      var seen: Set<String> = []
      return lines(text) { line in
        guard line.hasPrefix("% ERROR: Local: ") else { return line }
        let short = String(line.replacing(#/ \(after [0-9]+ms in state .*/#, with: ""))
        return seen.insert(short).inserted ? short : nil
      }
    },
    // 1.15 (25).
    Rule(name: "the usage behind a usage error") { text in
      let shortened = text.replacing(#/ \(try '[a-z]+ -h'\)\n/#, with: "\n")
      guard let error = shortened.firstRange(of: "Error: "),
        let usage = shortened[error.upperBound...].firstRange(of: "\n\nUsage: ")
      else { return shortened }
      return String(shortened[..<usage.lowerBound]) + "\n"
    },
    // kcat ends some messages with two newlines.
    Rule(name: "blank lines") { lines($0) { $0.isEmpty ? nil : $0 } },
  ]

  /// librdkafka's log lines `%LEVEL|TIME|FACILITY|CLIENT| TEXT`: as a set in front of all else, since when
  /// they come, and how often, is chance.
  ///
  /// A line keeps level, facility and text. The client's name, its thread, how long a try took and how many
  /// like it were held back are gone. Debugging (level 7) is about librdkafka's inside: whether there is any
  /// is all that is compared. Level 6 is what hbcat tells under `-v -v`, and librdkafka has nothing to tell.
  static let clientLog = Rule(name: "the client's log lines") { text in
    var told: Set<String> = []
    // kcat writes a line of its own in pieces, between which its client's may come.
    let rest = text.replacing(logLine) { match in
      let (_, level, facility, text) = match.output
      let short = text.replacing(#/^\[thrd:[^\]]*\]: /#, with: "")
        .replacing(#/ \(after [0-9]+ms in state [A-Z_]+.*/#, with: "")
      switch level {
      case "6": break
      case "7": told.insert("%7| debugging")
      default: told.insert("%\(level)|\(facility)| \(short)")
      }
      return ""
    }
    return (told.sorted() + [rest]).joined(separator: "\n")
  }

  /// For `-q` without `-d`: kcat is quiet only once its client runs, which may have failed before.
  static let quietLog = Rule(name: "what kcat says before it is quiet") { text in
    lines(text) { $0.hasPrefix("%3|FAIL|") ? nil : $0 }
  }

  private static var logLine: Regex<(Substring, Substring, Substring, Substring)> {
    #/%([0-7])\|[0-9]+\.[0-9]{3}\|([A-Z_]+)\|[^|\n]+\| ([^\n]*)\n/#
  }

  /// For stdout of `-L -J` and `-Q -J`.
  static let json = Rule(name: "kcat's missing newline behind JSON") { text in
    text.hasSuffix("}") ? text + "\n" : text
  }

  /// For `-L -J` of all topics.
  static let topicLines = Rule(name: "a line for each topic of JSON") { text in
    text.split(separator: "{\"topic\":").map { part in
      let end = part.lastIndex { !",]}\n".contains($0) } ?? part.startIndex
      return String(part[...end])
    }.joined(separator: "\n")
  }

  /// For `-L` of all topics: other cases make topics meanwhile, and have the broker make its own.
  static let othersTopics = Rule(name: "topics that cases make") { text in
    var isOthers = false
    return lines(text) { line in
      if line.hasPrefix("  topic ") || line.hasPrefix("\"") {
        isOthers = line.contains("cmp-") || line.contains("\"__")
      }
      return isOthers || line.hasSuffix(" topics:") ? nil : line
    }
  }

  /// For outputs whose lines come in any order; the line that ends the run is another one each time.
  static let order = Rule(name: "any order of partitions and topics") { text in
    lines(text) { String($0.replacing(": exiting", with: "")) }
      .split(separator: "\n").sorted().joined(separator: "\n")
  }

  private static func lines(_ text: String, _ change: (String) -> String?) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .compactMap { change(String($0)) }.joined(separator: "\n")
  }
}
