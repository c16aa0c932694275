import KafkaClient

/// Where in each partition to begin: a value of `-o`.
enum StartOffset: Hashable, Sendable {
  /// The first offset that is still there.
  case beginning
  /// The offset that the next record will get.
  case end
  /// That offset.
  case absolute(Int64)
  /// That many records before the end.
  case tail(Int64)
  /// The first record of at least that time, in milliseconds since 1970.
  case timestamp(Int64)
  /// The offset that the group has committed.
  case stored

  /// What to ask the brokers for; nil where a group knows.
  var spec: OffsetSpec? {
    switch self {
    case .beginning: .beginning
    case .end: .end
    case .absolute(let offset): .absolute(offset)
    case .tail(let count): .tail(count)
    case .timestamp(let ms): .timestamp(ms)
    case .stored: nil
    }
  }
}

/// What one `-o` says: where to begin, or where to stop.
enum OffsetOption: Hashable, Sendable {
  case start(StartOffset)
  /// `e@MS`: the first record of at least that time is not read.
  case stop(beforeMs: Int64)

  init(parsing argument: Argument) throws(UsageError) {
    let text = argument.description
    switch text {
    case "beginning", "earliest", "smallest": self = .start(.beginning)
    case "end", "latest", "largest": self = .start(.end)
    case "stored": self = .start(.stored)
    default:
      if text.hasPrefix("s@") {
        self = .start(.timestamp(try Self.milliseconds(text)))
      } else if text.hasPrefix("e@") {
        self = .stop(beforeMs: try Self.milliseconds(text))
      } else if let number = Int64(text), number > .min {
        self = .start(number < 0 ? .tail(-number) : .absolute(number))
      } else {
        throw .value(
          "-o: expected beginning, end, stored, N, -N, s@MS or e@MS, not \"\(text)\"")
      }
    }
  }

  private static func milliseconds(_ text: String) throws(UsageError) -> Int64 {
    guard let number = Int64(text.dropFirst(2)), number >= 0 else {
      throw .value("-o: expected milliseconds since 1970 behind @, not \"\(text)\"")
    }
    return number
  }
}
