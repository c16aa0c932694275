import Healthbot

/// Reads options' values strictly: what is no number is an error, not 0.
enum OptionValue {
  /// A whole number; blanks around it and a plus sign are allowed.
  static func integer(
    _ argument: Argument, _ option: String, _ what: String, _ range: ClosedRange<Int64>
  ) throws(UsageError) -> Int64 {
    let digits = argument.bytes.drop { $0 == UInt8(ascii: " ") }
    guard let number = Int64(String(decoding: digits, as: UTF8.self)) else {
      throw .value("\(option): expected \(what), not \"\(argument)\"")
    }
    guard range.contains(number) else {
      throw .value(
        "\(option): \(number) is out of range \(range.lowerBound)..\(range.upperBound)")
    }
    return number
  }

  /// Text in UTF-8.
  static func text(_ argument: Argument, _ option: String) throws(UsageError) -> String {
    guard let text = argument.text else {
      throw .value("\(option): \"\(argument)\" is not UTF-8")
    }
    return text
  }

  /// `name=value`, or a name alone with no value; the name is not empty.
  static func pair(_ argument: Argument) -> (name: [UInt8], value: [UInt8]?)? {
    let parts = argument.bytes.split(
      separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, !name.isEmpty else { return nil }
    return (Array(name), parts.count > 1 ? parts.last.map(Array.init) : nil)
  }

  /// A name that Kafka takes for a topic.
  static func topicName(_ name: String, _ option: String) throws(UsageError) -> String {
    do throws(TopicNameError) {
      return try TopicName(name).description
    } catch {
      switch error {
      case .empty, .dots, .tooLong:
        throw .value(
          "\(option): topic name \"\(name)\" must have 1 to \(TopicName.bytesMax) bytes and not "
            + "be . or ..")
      case .character(_, let place, _):
        throw .value(
          "\(option): topic name \"\(name)\": the character at byte \(place) is not allowed; "
            + "use A-Z a-z 0-9 . _ -")
      }
    }
  }
}
