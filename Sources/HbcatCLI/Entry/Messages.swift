import Glibc
import KafkaClient
import Synchronization

/// What the program says on stderr: kcat's `% …` lines; it also knows what the exit code will be.
///
/// Safe from any thread. One line is one write.
final class Messages: Sendable {
  private struct State {
    var verbosity: Int
    var failed = false
    var logFilter = LogFilter()
  }

  private let state: Mutex<State>
  private let sink: @Sendable ([UInt8]) -> Void
  private let colour: Bool

  /// Makes the one that a process has, or a test's, which collects in `sink`.
  init(
    verbosity: Int = 1, colour: Bool = false,
    sink: @escaping @Sendable ([UInt8]) -> Void = Messages.writeToStandardError
  ) {
    state = Mutex(State(verbosity: verbosity))
    self.sink = sink
    self.colour = colour
  }

  /// 0 quiet, 1 as usual, 2 and more with `-v`.
  var verbosity: Int {
    get { state.withLock { $0.verbosity } }
    set { state.withLock { $0.verbosity = newValue } }
  }

  /// Which of the client's log lines are told.
  var logFilter: LogFilter {
    get { state.withLock { $0.logFilter } }
    set { state.withLock { $0.logFilter = newValue } }
  }

  /// Whether something went wrong that the exit code must tell.
  var failed: Bool { state.withLock { $0.failed } }

  /// 0, or 1 after a failure.
  var exitStatus: Int32 { failed ? 1 : 0 }

  /// Says something that is no failure, at that verbosity or a higher one.
  func info(_ level: Int = 1, _ text: @autoclosure () -> String) {
    if verbosity >= level { write("% ", text()) }
  }

  /// Says what failed while the work goes on; quiet keeps the line back, the exit code tells.
  func failure(_ text: @autoclosure () -> String) {
    markFailed()
    info(1, text())
  }

  /// Says why the work ends: even if quiet.
  func fatal(_ text: String) {
    markFailed()
    write("% ERROR: ", text)
  }

  /// Says what is an end unless the user asked to go on (`-E`); the answer is whether it is one.
  func error(_ text: String, keepGoing: Bool) -> Bool {
    if keepGoing {
      write("% ERROR: ", text)
      return false
    }
    fatal("\(text): terminating")
    return true
  }

  /// Says that no broker can be reached, in kcat's words; the answer is whether it is an end.
  func allBrokersDown(_ error: ClientError, keepGoing: Bool) -> Bool {
    let attempts = error.details
    for attempt in attempts {
      let what =
        attempt.contains(": Failed to resolve ")
        ? "Host resolution failure" : "Broker transport failure"
      info(1, "ERROR: Local: \(what): \(attempt)")
    }
    let count = "\(attempts.count)/\(attempts.count) brokers are down"
    return self.error("Local: All broker connections are down: \(count)", keepGoing: keepGoing)
  }

  /// Writes a line that has its own beginning, such as a log line of the client's.
  func line(_ text: String) { write("", text) }

  /// Lets the exit code tell of a failure without a word.
  func markFailed() { state.withLock { $0.failed = true } }

  private func write(_ prefix: String, _ text: String) {
    var line: [UInt8] = []
    if colour, prefix == "% ERROR: " {
      line += Array("% \u{1b}[1;31mERROR:\u{1b}[0m ".utf8)
    } else {
      line += Array(prefix.utf8)
    }
    line += Array(Self.visible(text).utf8)
    line.append(UInt8(ascii: "\n"))
    sink(line)
  }

  /// The text with control characters written out, so that no name or broker can move the cursor.
  static func visible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where isControl(scalar):
        let digits = String(scalar.value, radix: 16)
        result +=
          scalar.value < 0x100
          ? "\\x" + (digits.count < 2 ? "0" : "") + digits
          : "\\u{\(digits)}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// C0, DEL, C1, and the marks that turn the direction of writing.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069: true
    default: false
    }
  }

  /// Writes all bytes to stderr; what cannot be written is lost, there is nobody to tell.
  static func writeToStandardError(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0, errno == EAGAIN {
        var descriptor = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
        _ = poll(&descriptor, 1, 1000)
      } else if count == 0 || errno != EINTR {
        return
      }
    }
  }
}
