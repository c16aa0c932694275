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
    // How many come before the end is chance.
    Rule(name: "the client's log lines") {
      lines($0) { $0.hasPrefix("%") && !$0.hasPrefix("% ") ? nil : $0 }
    },
    Rule(name: "member ids") { $0.replacing(/memberid [^),]*/, with: "memberid M") },
    Rule(name: "how long a connection was tried, and how often") { text in
      var seen: Set<String> = []
      return lines(text) { line in
        guard line.hasPrefix("% ERROR: Local: Broker transport failure: ") else { return line }
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
