import Glibc
import Synchronization

/// Asks for a password at the terminal, without showing what is typed.
enum PasswordPrompt {
  /// Why there is no password.
  enum Failure: Error {
    /// The process has no terminal.
    case noTerminal
    /// The user ended the input.
    case noAnswer
    /// A signal came, which must now have its effect.
    case interrupted(Int32)
  }

  /// Bytes that a password may have.
  private static let countMax = 4096

  /// Asks on `/dev/tty`, so that stdin and stdout stay what they are.
  ///
  /// Whatever happens the terminal is left as it was; to be called before other threads run.
  static func ask(_ prompt: String) throws(Failure) -> [UInt8] {
    let terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard terminal >= 0 else { throw .noTerminal }
    defer { close(terminal) }
    var before = termios()
    guard tcgetattr(terminal, &before) == 0 else { throw .noTerminal }
    caught.store(0, ordering: .relaxed)
    // What would end or stop the process must first give the terminal its echo back.
    let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]
    let handlers = signals.map { Self.catching($0) }
    var silent = before
    silent.c_lflag &= ~tcflag_t(ECHO)
    silent.c_lflag |= tcflag_t(ECHONL)
    tcsetattr(terminal, TCSAFLUSH, &silent)
    write(prompt, to: terminal)
    let line = line(from: terminal)
    tcsetattr(terminal, TCSAFLUSH, &before)
    for (signal, handler) in zip(signals, handlers) {
      var handler = handler
      sigaction(signal, &handler, nil)
    }
    let signal = caught.load(ordering: .relaxed)
    if signal != 0 {
      write("\n", to: terminal)
      throw .interrupted(signal)
    }
    guard let line else {
      write("\n", to: terminal)
      throw .noAnswer
    }
    return line
  }

  private static func catching(_ signal: Int32) -> sigaction {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { caught.store($0, ordering: .relaxed) }
    sigemptyset(&action.sa_mask)
    action.sa_flags = 0  // no SA_RESTART: the read must end
    var before = sigaction()
    sigaction(signal, &action, &before)
    return before
  }

  /// A line without its end; nil at the end of input or after a signal.
  private static func line(from terminal: Int32) -> [UInt8]? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while caught.load(ordering: .relaxed) == 0 {
      let count = read(terminal, &byte, 1)
      if count == 0 || count < 0 && errno != EINTR { return nil }
      if count < 0 { continue }
      if byte == UInt8(ascii: "\n") { return line }
      if line.count < countMax { line.append(byte) }
    }
    return nil
  }

  private static func write(_ text: String, to terminal: Int32) {
    var text = text
    text.withUTF8 { _ = Glibc.write(terminal, $0.baseAddress, $0.count) }
  }
}

/// The signal that came while a password was asked for; a handler may do no more than note it.
private let caught = Atomic<Int32>(0)
