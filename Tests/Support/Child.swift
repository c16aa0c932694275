public import Glibc
import Synchronization

/// A child process: its input, its output as it comes, and its end.
public final class Child: Sendable {
  /// How a child is connected.
  public enum Terminal: Sendable {
    /// Three pipes.
    case none
    /// Standard input is a terminal; output and errors are pipes.
    case input
    /// All three are one terminal; what it shows is `stdout`.
    case all
  }

  /// The command could not be started.
  public struct SpawnError: Error, CustomStringConvertible {
    /// What should have run.
    public let command: String
    /// The system's error number.
    public let code: Int32
    /// A sentence for people.
    public var description: String { "\(command): \(String(cString: strerror(code)))" }
  }

  private struct State {
    var stdout: [UInt8] = []
    var stderr: [UInt8] = []
    var status: Int32?
    var input: Int32
  }

  /// Its process id.
  public let pid: pid_t
  private let state: Mutex<State>

  /// Starts `arguments[0]`, found on the PATH, with `environment` added to this process's own.
  public init(
    _ arguments: [String], terminal: Terminal = .none, environment: [String: String] = [:]
  ) throws {
    // One at a time: a descriptor must not leak into a child that another thread starts meanwhile.
    spawning.lock()
    defer { spawning.unlock() }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var toClose: [Int32] = []
    let input: Int32
    var output: Int32 = -1
    var errors: Int32 = -1
    func pipePair() -> (read: Int32, write: Int32) {
      var ends: [Int32] = [-1, -1]
      pipe(&ends)
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      return (ends[0], ends[1])
    }
    switch terminal {
    case .none:
      let pair = pipePair()
      input = pair.write
      posix_spawn_file_actions_adddup2(&actions, pair.read, 0)
      toClose.append(pair.read)
    case .input, .all:
      // What posix_openpt and its companions do; Swift's Glibc module does not show them.
      let controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
      var number: Int32 = 0
      let (unlock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
      _ = ioctl(controller, unlock, &number)
      _ = ioctl(controller, getNumber, &number)
      let end = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
      var settings = termios()
      tcgetattr(end, &settings)
      settings.c_lflag &= ~tcflag_t(ECHO)
      settings.c_oflag &= ~tcflag_t(OPOST)
      tcsetattr(end, TCSANOW, &settings)
      posix_spawn_file_actions_adddup2(&actions, end, 0)
      toClose.append(end)
      input = controller
      if terminal == .all {
        posix_spawn_file_actions_adddup2(&actions, end, 1)
        posix_spawn_file_actions_adddup2(&actions, end, 2)
        output = fcntl(controller, F_DUPFD_CLOEXEC, 0)
      }
    }
    if terminal != .all {
      let out = pipePair()
      let err = pipePair()
      posix_spawn_file_actions_adddup2(&actions, out.write, 1)
      posix_spawn_file_actions_adddup2(&actions, err.write, 2)
      toClose += [out.write, err.write]
      (output, errors) = (out.read, err.read)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Swift's runtime blocks nothing, but a test runner may: the child starts with a clean mask.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGPIPE)
    sigaddset(&defaults, SIGINT)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var child = pid_t()
    let argv = arguments.map { strdup($0) } + [nil]
    var merged: [String: String] = [:]
    var entry = environ
    while let pair = entry.pointee {
      let text = String(cString: pair)
      if let equals = text.firstIndex(of: "=") {
        merged[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      entry += 1
    }
    merged.merge(environment) { $1 }
    let envp = merged.map { strdup("\($0.key)=\($0.value)") } + [nil]
    let status = posix_spawnp(&child, arguments[0], &actions, &attributes, argv, envp)
    for pointer in argv + envp { free(pointer) }
    for descriptor in toClose { close(descriptor) }
    pid = child
    state = Mutex(State(input: input))
    guard status == 0 else {
      close(input)
      close(output)
      if errors >= 0 { close(errors) }
      throw SpawnError(command: arguments[0], code: status)
    }
    let (outputEnd, errorEnd) = (output, errors)
    Task.detached { [self] in
      await onOwnThread { self.collect(outputEnd, errorEnd) }
    }
  }

  private func collect(_ output: Int32, _ errors: Int32) {
    var open = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
    if errors >= 0 { open.append(pollfd(fd: errors, events: Int16(POLLIN), revents: 0)) }
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while !open.isEmpty {
      poll(&open, nfds_t(open.count), -1)
      for i in open.indices.reversed() where open[i].revents != 0 {
        let fd = open[i].fd
        let count = read(fd, &block, block.count)
        if count > 0 {
          state.withLock {
            if fd == output {
              $0.stdout += block[..<count]
            } else {
              $0.stderr += block[..<count]
            }
          }
        } else if count == 0 || errno != EINTR {
          close(fd)
          open.remove(at: i)
        }
      }
    }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    state.withLock {
      $0.status = code
      if $0.input >= 0 { close($0.input) }
      $0.input = -1
    }
  }

  /// What it wrote so far.
  public var stdout: String { String(decoding: stdoutBytes, as: UTF8.self) }
  /// The same as bytes.
  public var stdoutBytes: [UInt8] { state.withLock { $0.stdout } }
  /// What it wrote to standard error so far.
  public var stderr: String { state.withLock { String(decoding: $0.stderr, as: UTF8.self) } }
  /// Its exit code, or 128 and the signal; nil while it runs.
  public var status: Int32? { state.withLock { $0.status } }

  /// Writes all of `bytes` to its standard input.
  public func write(_ bytes: [UInt8]) async {
    let input = state.withLock { $0.input }
    guard input >= 0 else { return }
    await onOwnThread {
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
        if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
      }
    }
  }

  /// Writes a text to its standard input.
  public func write(_ text: String) async { await write(Array(text.utf8)) }

  /// Ends its standard input.
  public func closeInput() {
    state.withLock {
      if $0.input >= 0 { close($0.input) }
      $0.input = -1
    }
  }

  /// Sends it a signal.
  public func signal(_ number: Int32) {
    state.withLock { if $0.status == nil { _ = kill(pid, number) } }
  }

  /// Waits for its end; after `seconds` it is killed, and the result says 137.
  public func end(within seconds: Double = 120) async -> CommandResult {
    if !(await eventually(within: seconds, { self.status != nil })) {
      signal(SIGKILL)
      _ = await eventually { self.status != nil }
    }
    return state.withLock {
      CommandResult(status: $0.status ?? -1, stdoutBytes: $0.stdout, stderrBytes: $0.stderr)
    }
  }
}

private let spawning = SpawnLock()

private final class SpawnLock: Sendable {
  private let semaphore = Mutex(false)
  func lock() {
    while !semaphore.withLock({ taken in
      defer { taken = true }
      return !taken
    }) { sched_yield() }
  }
  func unlock() { semaphore.withLock { $0 = false } }
}

/// What a command did.
public struct CommandResult: Sendable {
  /// Exit code, or 128 and the signal.
  public var status: Int32
  /// What it wrote to standard output.
  public var stdoutBytes: [UInt8]
  /// What it wrote to standard error.
  public var stderrBytes: [UInt8]
  /// Standard output as text.
  public var stdout: String { String(decoding: stdoutBytes, as: UTF8.self) }
  /// Standard error as text.
  public var stderr: String { String(decoding: stderrBytes, as: UTF8.self) }
}

/// Runs a command to its end, with `input` as its standard input.
public func run(
  _ arguments: [String], input: [UInt8] = [], terminal: Child.Terminal = .none,
  environment: [String: String] = [:], within seconds: Double = 120
) async throws -> CommandResult {
  signal(SIGPIPE, SIG_IGN)
  let child = try Child(arguments, terminal: terminal, environment: environment)
  if terminal == .none {
    await child.write(input)
    child.closeInput()
  }
  return await child.end(within: seconds)
}
