import Glibc
import Healthbot
import Testing

/// Runs python3 with input and output in files, so that no pipe can fill up.
private enum Python {
  static let isThere = run("pass", input: []) != nil

  /// What the program writes; nil where it cannot be run or fails.
  static func run(_ program: String, input: [UInt8]) -> [UInt8]? {
    guard let inputFile = temporaryFile(), let outputFile = temporaryFile() else { return nil }
    defer {
      close(inputFile)
      close(outputFile)
    }
    guard input.isEmpty || write(inputFile, input, input.count) == input.count else { return nil }
    lseek(inputFile, 0, SEEK_SET)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, inputFile, 0)
    posix_spawn_file_actions_adddup2(&actions, outputFile, 1)
    var arguments: [UnsafeMutablePointer<CChar>?] = ["python3", "-c", program].map {
      (argument: String) in strdup(argument)
    }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    guard posix_spawnp(&pid, "python3", &actions, nil, arguments, environ) == 0 else { return nil }
    var status: Int32 = 0
    guard waitpid(pid, &status, 0) == pid, status == 0 else { return nil }
    lseek(outputFile, 0, SEEK_SET)
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(outputFile, &piece, piece.count)
      guard count > 0 else { return count == 0 ? output : nil }
      output += piece[..<count]
    }
  }

  private static func temporaryFile() -> Int32? {
    var template = Array("/tmp/hbcat-python-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else { return nil }
    unlink(template)
    return file
  }
}

/// SplitMix64: the same sequence for the same seed.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite struct PythonOracleTests {
  /// Characters that JSON writers get wrong.
  private static let nasty: [Unicode.Scalar] = [
    "\u{0}", "\u{8}", "\t", "\n", "\u{b}", "\u{c}", "\r", "\u{1b}", "\u{1f}", " ", "\"", "/", "\\",
    "<", "&", "\u{7e}", "\u{7f}", "\u{80}", "\u{9f}", "\u{a0}", "é", "\u{301}", "ß", "€",
    "\u{2028}", "\u{2029}", "\u{202e}", "\u{d7ff}", "\u{e000}", "\u{feff}", "\u{fffd}",
    "\u{fffe}", "\u{ffff}", "\u{10000}", "😀", "\u{1f468}", "\u{200d}", "\u{10ffff}", "a", "Z", "_",
  ]

  private static func text(_ random: inout Seeded) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0..<14, using: &random) {
      text.append(nasty[Int.random(in: 0..<nasty.count, using: &random)])
    }
    return String(text)
  }

  @Test(.enabled(if: Python.isThere, "python3 is not there"))
  func `alarm lines are what Python's json.dumps with sorted keys writes`() throws {
    var random = Seeded(state: 20_240_501)
    var lines: [UInt8] = []
    for i in 0..<400 {
      var alarm = Alarm(
        deviceID: Self.text(&random), group: Self.text(&random), message: Self.text(&random),
        rule: Self.text(&random), severity: i % 3 == 0 ? .major : i % 3 == 1 ? .minor : .normal,
        topic: Self.text(&random), trigger: Self.text(&random))
      for _ in 0..<Int.random(in: 0..<6, using: &random) {
        alarm.setKey(Self.text(&random), to: AlarmValue(string: Self.text(&random)))
      }
      alarm.setOtherField("x" + Self.text(&random), to: AlarmValue(string: Self.text(&random)))
      let line = AlarmLine.bytes(of: alarm)
      lines += line + [0x0A]
      #expect(try line.withUnsafeBytes { try AlarmLine.bytes(of: AlarmLine.alarm(in: $0)) } == line)
    }
    let program = """
      import json, sys
      for line in sys.stdin.buffer:
        print(json.dumps(json.loads(line), sort_keys=True))
      """
    let written = try #require(Python.run(program, input: lines))
    #expect(written == lines)
  }

  @Test(.enabled(if: Python.isThere, "python3 is not there"))
  func `alarms written by Python in any order are read as Python sorts them`() throws {
    let program = #"""
      import json, random, sys
      sys.stdout.reconfigure(encoding="utf-8")
      r = random.Random(7)
      nasty = "\0\b\t\n\f\r\x1b\x1f \"/\\~\x7f\x80é\u0301ß€\u2028\ud7ff\ue000\ufeff\uffff😀\U0010ffffaZ_"
      def text(): return "".join(r.choice(nasty) for _ in range(r.randrange(12)))
      def value(depth):
        kind = r.randrange(7 if depth < 5 else 5)
        if kind == 0: return None
        if kind == 1: return r.random() < 0.5
        if kind == 2: return r.randrange(-10**20, 10**20)
        if kind == 3: return r.choice([0.5, -1.25, 1e300, 1e-7, 0.1])
        if kind == 4: return text()
        if kind == 5: return [value(depth + 1) for _ in range(r.randrange(4))]
        return {text(): value(depth + 1) for _ in range(r.randrange(5))}
      for i in range(400):
        fields = [(n, text()) for n in ["device-id", "group", "message", "rule", "topic", "trigger"]]
        fields += [("severity", r.choice(["major", "minor", "normal"]))]
        fields += [("keys", {text(): value(0) for _ in range(r.randrange(6))})]
        fields += [("extra " + text(), value(0))]
        r.shuffle(fields)
        alarm = dict(fields)
        style = r.randrange(3)
        if style == 0: print(json.dumps(alarm))
        if style == 1: print(json.dumps(alarm, ensure_ascii=False, separators=(",", ":")))
        if style == 2: print(json.dumps(alarm, separators=(" , ", "\t:  ")))
        print(json.dumps(alarm, sort_keys=True))
      """#
    let output = try #require(Python.run("# coding: utf-8\n" + program, input: []))
    let lines = output.split(separator: 0x0A).map(Array.init)
    #expect(lines.count == 800)
    for i in stride(from: 0, to: lines.count - 1, by: 2) {
      let alarm = try lines[i].withUnsafeBytes { try AlarmLine.alarm(in: $0) }
      #expect(AlarmLine.bytes(of: alarm) == lines[i + 1])
    }
  }
}
