import Glibc

/// A terminal's alternate screen, drawn anew as a whole; what was on the terminal comes back at its end.
struct AlarmScreen: ~Copyable {
  /// How large the terminal is; as of old where it does not tell.
  static func size() -> (width: Int, height: Int) {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  private var output: OutputBuffer
  private var isShown = false
  /// How the terminal took keys before; nil where standard input is no terminal.
  private var keysBefore: termios?

  /// Does not change the terminal yet.
  init(shouldStop: @escaping () -> Bool) {
    output = OutputBuffer(descriptor: 1)
    output.shouldStop = shouldStop
  }

  /// Shows lines, each at most as wide as the terminal; the first time the alternate screen comes up.
  mutating func draw(_ lines: [String], height: Int) throws(OutputError) {
    var text = ""
    if !isShown {
      text = "\u{1b}[?1049h\u{1b}[?25l"
      isShown = true
      takeKeys()
    }
    text += "\u{1b}[H"
    let shown = lines.prefix(height)
    for (index, line) in shown.enumerated() {
      // No newline behind the last line: the screen would scroll.
      text += line + "\u{1b}[K" + (index == height - 1 ? "" : "\r\n")
    }
    if shown.count < height { text += "\u{1b}[J" }
    try output.append(Array(text.utf8))
    try output.flush()
  }

  /// Gives the terminal back as it was.
  mutating func restore() {
    guard isShown else { return }
    isShown = false
    if var before = keysBefore { tcsetattr(0, TCSAFLUSH, &before) }
    keysBefore = nil
    output.shouldStop = { false }
    try? output.append(Array("\u{1b}[?25h\u{1b}[?1049l".utf8))
    try? output.flush()
  }

  /// Has keys come one by one and without an echo, which would stand in the table.
  private mutating func takeKeys() {
    var settings = termios()
    guard tcgetattr(0, &settings) == 0 else { return }
    keysBefore = settings
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    // A read does not wait.
    withUnsafeMutableBytes(of: &settings.c_cc) {
      $0[Int(VMIN)] = 0
      $0[Int(VTIME)] = 0
    }
    tcsetattr(0, TCSADRAIN, &settings)
  }

  /// Whether `q` was typed; what else was typed is dropped.
  func wantsEnd() -> Bool {
    guard keysBefore != nil else { return false }
    var keys = [UInt8](repeating: 0, count: 64)
    let count = read(0, &keys, keys.count)
    return count > 0 && keys[..<count].contains { $0 | 0x20 == UInt8(ascii: "q") }
  }
}
