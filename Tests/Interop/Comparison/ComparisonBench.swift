import Glibc
import Synchronization
import TestSupport
import Testing

/// A cluster with topics that all cases share, and what has come of the cases.
final class ComparisonBench: Sendable {
  @TaskLocal static var current: [Target: ComparisonBench] = [:]

  /// One of the two programs.
  enum Program: String, CaseIterable {
    case kcat, hbcat
  }

  /// What a program did, made alike by the rules.
  struct Outcome: Equatable {
    var status: Int32
    var stdout: String
    var stderr: String
    /// What is in its topic now.
    var topic: String
  }

  let target: Target
  let bootstrap: String
  let folder: String
  private let times: Mutex<[String]>

  init(_ target: Target, _ bootstrap: String) {
    self.target = target
    self.bootstrap = bootstrap
    folder = Places.temporaryFolder()
    times = Mutex([])
  }

  // MARK: State

  /// How a program is called; hbcat by the name kcat, as a script does that had kcat before.
  private func command(of program: Program) -> String {
    program == .kcat ? "kcat" : "\(folder)/kcat"
  }

  /// Makes topics and files.
  func prepare() async throws {
    try #require(symlink(Places.hbcat, "\(folder)/kcat") == 0)
    try write("a.txt", "first\nsecond\n")
    try write("b.txt", "other")
    try write("empty.txt", "")
    try write("keys.txt", "a:1\nb:2\n")
    try write("big.txt", String(repeating: "x", count: 2000))
    try write("good.conf", "# comment\nclient.id=me\n")
    try write("broker.conf", "bootstrap.servers=\(bootstrap)\n")
    try write("bad.conf", "nothing\n")
    try write("unknown.conf", "no.such=1\n")
    try await produce("one", "-K:", "k1:v1\nk2:v2\nk3:v3\nplain\n")
    try await produce("three", "-p 0", "a0\na1\na2\n")
    try await produce("three", "-p 1", "b0\nb1\n")
    try await produce("heads", "-k key -H h1=v1 -H nullh -H empty= -H h1=dup", "one\ntwo\n")
    try await produce("nulls", "-K: -Z", "k:\n:v\n:\n")
    try await produce("nulls", "-K:", "k:\n:v\n:\n")
    try await produce(
      "texts", "-D EOM",
      "quote \" backslash \\ slash /EOMtab\tcr\rnl\nbs\u{8}ff\u{c}EOM\u{1}\u{1f}\u{7f}EOMé € 😀")
    try await produce("many", "", (0..<1000).map { "line \($0)\n" }.joined())
    try await produce("bytes", "", bytes: [0xff, 0xfe, 10, 0xc3, 10])
    let key: [UInt8] = [0, 0, 0, 5]
    let value: [UInt8] = [0xff, 2, 1, 3, 0, 0, 0, 5] + [UInt8](repeating: 0xff, count: 7) + [0xfe]
    try await produce(
      "numbers", "-K ::: -D EOM", bytes: key + Array(":::".utf8) + value + Array("abEOM".utf8))
    for number in 0..<3 {
      try await produce("times", "", "m\(number)\n")
      // The broker's clock counts milliseconds, and each message needs one of its own.
      try await Task.sleep(for: .milliseconds(20))
    }
    let read = try await run(
      [Places.hbcat, "-b", bootstrap, "-C", "-t", "times", "-e", "-q", "-f", "%T "])
    let found = read.stdout.split(separator: " ").map(String.init)
    try #require(Set(found).count == 3, "\(read.stderr)")
    times.withLock { $0 = found }
  }

  private func produce(_ topic: String, _ options: String, _ text: String) async throws {
    try await produce(topic, options, bytes: Array(text.utf8))
  }

  private func produce(_ topic: String, _ options: String, bytes: [UInt8]) async throws {
    let result = try await run(
      [Places.hbcat, "-b", bootstrap, "-P", "-t", topic] + Comparison.split(options), input: bytes)
    try #require(result.status == 0, "\(topic): \(result.stderr)")
  }

  private func write(_ name: String, _ text: String) throws {
    let file = try #require(fopen("\(folder)/\(name)", "w"))
    fputs(text, file)
    fclose(file)
  }

  // MARK: Cases

  /// Runs one of the programs to its end.
  func outcome(of program: Program, _ comparison: Comparison, number: Int) async throws -> Outcome {
    let own = "cmp-\(number)-\(program)"
    let broker = comparison.isBare ? [] : ["-b", bootstrap]
    let words = Comparison.split(comparison.words).map { fill($0, own) }
    var environment = comparison.environment.mapValues { fill($0, own) }
    environment["HOME"] = folder
    let child = try Child(
      [command(of: program)] + broker + words, terminal: comparison.hasTerminal ? .input : .none,
      environment: environment)
    if !comparison.hasTerminal { await child.write(comparison.stdin) }
    if let signal = comparison.signal {
      let after = comparison.after
      _ = await eventually {
        (child.stdout + child.stderr).contains(after)
          && Self.waits(child.pid, forInput: comparison.words.hasPrefix("-P"))
      }
      child.signal(signal)
    } else if !comparison.hasTerminal {
      child.closeInput()
    }
    let result = await child.end(within: comparison.seconds)
    return Outcome(
      status: result.status, stdout: alike(result.stdoutBytes, comparison, own, isOutput: true),
      stderr: alike(result.stderrBytes, comparison, own, isOutput: false),
      topic: comparison.readsBack ? try await contents(of: own) : "")
  }

  /// Whether a process's main thread waits in the kernel, so that a signal does not come before the wait;
  /// with `forInput` only a wait for a pipe counts.
  private static func waits(_ pid: pid_t, forInput: Bool) -> Bool {
    guard let bytes = Places.contents("/proc/\(pid)/wchan") else { return false }
    let place = String(decoding: bytes, as: UTF8.self)
    return forInput ? place.contains("pipe") || place.contains("poll") : place != "0"
  }

  private func fill(_ word: String, _ own: String) -> String {
    let times = times.withLock { $0 }
    return word.replacing("{t}", with: own).replacing("{b}", with: bootstrap)
      .replacing("{dir}", with: folder).replacing("{ts1}", with: times[1])
      .replacing("{ts2}", with: times[2])
  }

  private func contents(of topic: String) async throws -> String {
    let result = try await run([
      Places.hbcat, "-b", bootstrap, "-C", "-t", topic, "-e", "-q", "-f",
      "%p %o [%k] %K [%s] %S [%h]\\n",
      // A committed transaction may wait for its markers.
      "-X", "isolation.level=read_uncommitted",
    ])
    return result.stdout
  }

  private func alike(
    _ bytes: [UInt8], _ comparison: Comparison, _ own: String, isOutput: Bool
  ) -> String {
    // One scalar for each byte, so that nothing that is not UTF-8 becomes alike.
    var text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    var rules = [ComparisonRules.names(own: own, folder: folder)]
    let words = Comparison.split(comparison.words)
    if !isOutput {
      rules += ComparisonRules.errors
      if words.contains("-q"), !words.contains("-d") { rules.append(ComparisonRules.quietLog) }
    }
    if words.contains("-J"), words.contains("-L") || words.contains("-Q") {
      rules.append(ComparisonRules.json)
    }
    if words == ["-L", "-J"] { rules.append(ComparisonRules.topicLines) }
    if words == ["-L"] || words == ["-L", "-J"] { rules.append(ComparisonRules.othersTopics) }
    if comparison.isUnordered { rules.append(ComparisonRules.order) }
    for rule in rules { text = rule.apply(text) }
    return text
  }
}
