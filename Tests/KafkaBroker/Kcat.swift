import Glibc
import Transport

/// Debian's kcat as a child process, with files for its input and output.
///
/// Nothing here blocks the loop, on which the broker runs.
@Net final class Kcat {
  /// Where kcat is; nil where it is not installed.
  nonisolated static let path: String? = ["/usr/bin/kcat", "/usr/bin/kafkacat"].first {
    access($0, X_OK) == 0
  }

  struct CannotStart: Error {
    var code: Int32
  }

  private let folder: String
  private var pid: pid_t = 0
  private var status: Int32?

  /// Starts kcat with these arguments and `input` as its standard input.
  init(_ arguments: [String], input: String = "") throws {
    var template = Array("/tmp/hbcat-kcat-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CannotStart(code: errno) }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try write(input, to: "in")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "\(folder)/in", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "\(folder)/out", O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "\(folder)/err", O_WRONLY | O_CREAT, 0o600)
    let words = [Kcat.path ?? "kcat"] + arguments
    let argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for word in argv { free(word) } }
    let code = posix_spawn(&pid, words[0], &actions, nil, argv, environ)
    guard code == 0 else { throw CannotStart(code: code) }
  }

  /// Runs kcat to its end.
  static func run(_ arguments: [String], input: String = "") async throws
    -> (output: String, errors: String, exitCode: Int32)
  {
    let kcat = try Kcat(arguments, input: input)
    let code = await kcat.exit()
    defer { kcat.remove() }
    return (kcat.output, kcat.errors, code)
  }

  var output: String { read("out") }
  var errors: String { read("err") }

  /// Waits until kcat ends; its exit code, or 128 and the signal that ended it.
  func exit() async -> Int32 {
    while !hasEnded { await sleep(milliseconds: 5) }
    let status = status ?? 0
    return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
  }

  /// Ends kcat, if it has not ended, and forgets its files.
  func stop() async {
    if !hasEnded { kill(pid, SIGTERM) }
    _ = await exit()
    remove()
  }

  private var hasEnded: Bool {
    if status != nil { return true }
    var now: Int32 = 0
    if waitpid(pid, &now, WNOHANG) == pid { status = now }
    return status != nil
  }

  private func remove() {
    for name in ["in", "out", "err"] { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }

  private func write(_ text: String, to name: String) throws {
    guard let file = fopen("\(folder)/\(name)", "w") else { throw CannotStart(code: errno) }
    fputs(text, file)
    fclose(file)
  }

  private func read(_ name: String) -> String {
    guard let file = fopen("\(folder)/\(name)", "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = fread(&block, 1, block.count, file)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += block[..<count]
    }
  }
}

/// Waits until a condition holds; false after `seconds`.
@Net func eventually(within seconds: Int64 = 10, _ condition: @Net () -> Bool) async -> Bool {
  let end = MonotonicClock.nowMs + seconds * 1000
  while !condition() {
    if MonotonicClock.nowMs > end { return false }
    await sleep(milliseconds: 2)
  }
  return true
}
