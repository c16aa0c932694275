import Glibc
import Testing
import TestSupport

/// The house rules as tests: who may import whom, what must not be called, how long a file may be.
@Suite struct TidyTests {
  /// A source file below `Sources`: its module, its name and its lines.
  struct Source {
    var module: String
    var path: String
    var lines: [Substring]
  }

  static let sources: [Source] = files(below: Places.package + "/Sources")
    .filter { $0.hasSuffix(".swift") }
    .map { path in
      let below = path.dropFirst((Places.package + "/Sources/").count)
      let text = String(decoding: Places.contents(path) ?? [], as: UTF8.self)
      return Source(
        module: String(below.split(separator: "/")[0]), path: String(below),
        lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }

  static func files(below folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      let path = "\(folder)/\(name)"
      if entry.pointee.d_type == UInt8(DT_DIR) {
        found += files(below: path)
      } else {
        found.append(path)
      }
    }
    return found.sorted()
  }

  /// The arrows of the design: a module and what it may import of ours.
  static let allowed: [String: Set<String>] = [
    "hbcat": ["HbcatCLI"],
    "HbcatCLI": [
      "Healthbot", "KafkaBroker", "KafkaClient", "KafkaProtocol", "Transport", "HTTP", "JSON",
      "Avro",
    ],
    "Avro": ["JSON"],
    "Healthbot": ["JSON", "CYAML"],
    "KafkaBroker": ["KafkaProtocol", "Transport"],
    "KafkaClient": ["KafkaProtocol", "Transport", "HTTP", "JSON", "CGSS", "CPCRE2"],
    "KafkaProtocol": ["CRC32C", "CZlib", "CDeflate", "CLZ4", "CZstd", "CSnappy"],
    "Transport": ["CTLS", "CUV"],
    "HTTP": ["CCurl"],
    "JSON": [],
  ]

  static let system: Set<String> = ["Glibc", "Synchronization", "Builtin"]

  @Test func `sources are found`() {
    #expect(Self.sources.count > 30)
    #expect(Set(Self.sources.map(\.module)) == Set(Self.allowed.keys))
  }

  @Test func `modules import only what the design allows and never Foundation`() {
    for source in Self.sources {
      for line in source.lines {
        let words = line.split(separator: " ")
        guard let at = words.firstIndex(of: "import"), at <= 1, words.count > at + 1,
          !line.hasPrefix(" ")
        else { continue }
        let name = String(words[at + 1])
        let fine =
          Self.system.contains(name) || Self.allowed[source.module, default: []].contains(name)
        #expect(fine, "\(source.path) imports \(name)")
      }
    }
  }

  /// What must not stand in Sources, where it may all the same, and what to write instead.
  static let forbidden: [(text: String, except: Set<String>, instead: String)] = [
    ("try!", [], "throw, or handle the error"),
    ("fatalError(", [], "precondition for our own mistakes, an error for others'"),
    ("@unchecked Sendable", unsafeFiles, "a type that the compiler can check"),
    ("nonisolated(unsafe)", unsafeFiles, "isolation to Net, or a Mutex"),
    ("unsafeBitCast", unsafeFiles, "a typed conversion"),
    ("@MainActor", [], "the main thread blocks; the loop is @Net"),
    ("Task.detached", [], "Net.task"),
    (" print(", [], "Messages for talk, the output buffer for data"),
  ]

  /// The files in which the two threads meet.
  static let unsafeFiles: Set<String> = [
    "Transport/Loop/Loop.swift", "Transport/Loop/Net.swift", "Transport/Buffers/Buffer.swift",
    "Transport/Buffers/Handover.swift",
  ]

  @Test func `forbidden calls do not occur`() {
    for source in Self.sources {
      for (number, line) in source.lines.enumerated() {
        let code = line.drop { $0 == " " }
        if code.hasPrefix("//") { continue }
        for rule in Self.forbidden where code.contains(rule.text) {
          #expect(
            rule.except.contains(source.path),
            "\(source.path):\(number + 1): '\(rule.text)': \(rule.instead)")
        }
      }
    }
  }

  @Test func `S35: no other program is started, to which secrets in the environment would pass`() {
    let starts = ["posix_spawn", "fork(", "execv", "execl", "popen(", "system("]
    let all = Self.files(below: Places.package + "/Sources")
      .filter { path in [".swift", ".c", ".h"].contains { path.hasSuffix($0) } }
    #expect(all.contains { $0.hasSuffix(".c") })
    for path in all {
      let text = String(decoding: Places.contents(path) ?? [], as: UTF8.self)
      for start in starts {
        // `_system(` and the like are other names.
        let calls = text.ranges(of: start).contains {
          $0.lowerBound == text.startIndex
            || !(text[text.index(before: $0.lowerBound)].isLetter
              || text[text.index(before: $0.lowerBound)] == "_")
        }
        #expect(!calls, "\(path) calls \(start)")
      }
    }
  }

  @Test func `files are short enough to be read`() {
    for source in Self.sources {
      #expect(source.lines.count <= 700, "\(source.path) has \(source.lines.count) lines")
    }
    let long = Self.sources.filter { $0.lines.count > 400 }
    #expect(long.count * 20 <= Self.sources.count, "too many long files: \(long.map(\.path))")
  }

  @Test func `only the command line prints, exits or reads the environment`() {
    for source in Self.sources where !["HbcatCLI", "hbcat"].contains(source.module) {
      for (number, line) in source.lines.enumerated() {
        let code = line.drop { $0 == " " }
        if code.hasPrefix("//") { continue }
        for call in ["getenv(", " exit(", "stderr", "fputs("] {
          #expect(!code.contains(call), "\(source.path):\(number + 1): \(call)")
        }
      }
    }
  }
}
