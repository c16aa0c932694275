import Glibc

/// A program run to its end, with its output in a string.
struct ChildProcess {
  var status: Int32
  var output: String
  var errors: String

  /// Whether there is a program of that name.
  static func exists(_ name: String) -> Bool { find(name) != nil }

  private static func find(_ name: String) -> String? {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  /// Runs a program with no input; nil if it cannot be started.
  static func run(
    _ name: String, _ arguments: [String], home: ScratchFolder?
  ) -> ChildProcess? {
    guard let program = find(name) else { return nil }
    let out = tmpfile()
    let err = tmpfile()
    defer {
      if let out { fclose(out) }
      if let err { fclose(err) }
    }
    guard let out, let err else { return nil }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, fileno(out), 1)
    posix_spawn_file_actions_adddup2(&actions, fileno(err), 2)
    let variables = [
      "PATH=\(getenv("PATH").map { String(cString: $0) } ?? "")", "HOME=\(home?.path ?? "/")",
      "TMPDIR=\(home?.path ?? "/tmp")", "TERM=dumb", "LC_ALL=C.UTF-8",
    ]
    var argv: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
    defer {
      for pointer in argv + envp { free(pointer) }
      argv = []
      envp = []
    }
    var child: pid_t = 0
    guard posix_spawn(&child, program, &actions, nil, argv, envp) == 0 else { return nil }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return ChildProcess(status: status, output: contents(out), errors: contents(err))
  }

  private static func contents(_ file: UnsafeMutablePointer<FILE>) -> String {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    var offset: off_t = 0
    while true {
      let count = pread(fileno(file), &block, block.count, offset)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += block.prefix(count)
      offset += off_t(count)
    }
  }

  /// A file's text; nil if there is none.
  static func read(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    return contents(file)
  }
}

/// A folder of a test's own, gone with the value.
final class ScratchFolder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/hbcat-test-XXXXXX".utf8CString)
    let made = mkdtemp(&template) != nil
    path =
      made
      ? String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      : "/nonexistent"
  }

  deinit {
    _ = ChildProcess.run("rm", ["-rf", path], home: nil)
  }

  /// Writes a file and answers its path.
  func write(_ text: String, to name: String) -> String {
    let file = "\(path)/\(name)"
    guard let stream = fopen(file, "w") else { return file }
    fputs(text, stream)
    fclose(stream)
    return file
  }
}
