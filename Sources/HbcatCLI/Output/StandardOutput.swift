/// Writes to stdout what is printed in one piece.
enum StandardOutput {
  /// Writes a text, all of it; false where that failed, which is said unless the reader has left.
  ///
  /// `text` is asked whether its reader is a terminal, for which it must be harmless.
  static func write(_ messages: Messages, _ text: (_ forTerminal: Bool) -> [UInt8]) -> Bool {
    var output = OutputBuffer(descriptor: 1)
    do throws(OutputError) {
      try output.append(text(output.isTerminal))
      try output.flush()
      return true
    } catch {
      if case .closed = error { return false }
      messages.fatal("\(error)")
      return false
    }
  }
}
