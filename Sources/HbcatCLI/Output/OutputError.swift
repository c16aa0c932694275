import Glibc

/// Why bytes could not be written to an output.
enum OutputError: Error, Equatable, CustomStringConvertible {
  /// The reader has gone (EPIPE): the end, and a quiet one.
  case closed
  /// A blocked write was interrupted, and the caller wants to stop.
  case stopped
  /// write(2) failed; the value is its errno.
  case failed(errno: Int32)

  var description: String {
    switch self {
    case .closed: "Output write error: \(systemMessage(EPIPE))"
    case .stopped: "Output write error: interrupted"
    case .failed(let code): "Output write error: \(systemMessage(code))"
    }
  }
}

/// The system's sentence for an errno, as strerror(3) says it.
func systemMessage(_ code: Int32) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
    guard let start = text.baseAddress, strerror_r(code, start, text.count) == 0 else {
      return "error \(code)"
    }
    return String(cString: start)
  }
}
