/// What went wrong with input; the caller puts the line behind `% ERROR: `.
enum InputError: Error, Equatable, CustomStringConvertible {
  /// A message is longer than `message.max.bytes`.
  ///
  /// `line` counts from 1. `size` is what was read of it: all of it if `isWhole`.
  case messageTooLong(line: Int, size: Int, isWhole: Bool, limit: Int)
  /// read(2) failed; the value is its errno.
  case read(errno: Int32)
  /// A file could not be opened.
  case open(path: String, errno: Int32)
  /// A file's size could not be found out.
  case stat(path: String, errno: Int32)
  /// A file could not be read.
  case readFile(path: String, errno: Int32)
  /// A file is larger than `message.max.bytes`.
  ///
  /// `size` is what is known of it: all of it if `isWhole`.
  case fileTooLarge(path: String, size: Int, isWhole: Bool, limit: Int)
  /// The caller asked to stop while input was awaited.
  case stopped

  var description: String {
    switch self {
    case .messageTooLong(let line, let size, let isWhole, let limit):
      "Input is too large, maximum size is \(limit): line \(line) has "
        + "\(isWhole ? "" : "at least ")\(size) bytes (see -X message.max.bytes)"
    case .read(let code): "Unable to read message: \(systemMessage(code))"
    case .open(let path, let code): "Failed to open \(path): \(systemMessage(code))"
    case .stat(let path, let code): "Failed to stat \(path): \(systemMessage(code))"
    case .readFile(let path, let code): "Failed to read \(path): \(systemMessage(code))"
    case .fileTooLarge(let path, let size, let isWhole, let limit):
      "Failed to produce message (\(isWhole ? "" : "at least ")\(size) bytes): "
        + "Broker: Message size too large: \(path) (message.max.bytes is \(limit))"
    case .stopped: "Input was interrupted"
    }
  }
}
