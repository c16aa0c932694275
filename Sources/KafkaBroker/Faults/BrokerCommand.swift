/// What a broker can be told while it runs.
public enum BrokerCommand: Hashable, Sendable {
  /// Adds a rule of what shall go wrong.
  case fault(FaultRule)
  /// Forgets all rules of what shall go wrong.
  case clearFaults
  /// Makes a broker the leader of a topic's partition, under the next epoch; nil leaves it without one.
  case leader(String, Int32, Int32?)
  /// Sends clients with a rack to read a topic's partition from this broker (KIP-392); nil ends that.
  case replica(String, Int32, Int32?)
  /// Cuts a partition's log at an offset and begins an epoch, as after an unclean election.
  case truncate(String, Int32, Int64)
  /// Creates a topic, with an id that no topic had.
  case createTopic(BrokerOptions.Topic)
  /// Deletes a topic and what groups have committed for it.
  case deleteTopic(String)
  /// Adds partitions to a topic until it has so many.
  case partitions(String, Int32)
  /// Closes a broker's port and connections; another replica leads where it did, if there is one.
  case down(Int32)
  /// Opens the port of a broker that was down.
  case up(Int32)

  /// What is wrong with the text of a command.
  public struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence for people.
    public let description: String
  }

  /// The commands in the form in which they are written.
  public static let forms = [
    "fault API[@BROKER]:FAULT[*TIMES]", "clear", "leader TOPIC PARTITION BROKER|none",
    "replica TOPIC PARTITION BROKER|none", "truncate TOPIC PARTITION OFFSET",
    "create-topic TOPIC[:PARTITIONS[:REPLICAS]]", "delete-topic TOPIC", "partitions TOPIC COUNT",
    "down BROKER", "up BROKER",
  ]

  /// Reads a command such as `leader test 0 1002`; `forms` has them all.
  ///
  /// - Throws: `Mistake`, which says what is not understood.
  public init(parsing line: String) throws(Mistake) {
    let words = line.split(separator: " ").map(String.init)
    switch (words.first ?? "", words.count) {
    case ("fault", 2):
      do throws(FaultRuleError) {
        self = .fault(try FaultRule(parsing: words[1]))
      } catch {
        throw Mistake(description: "\(error)")
      }
    case ("clear", 1): self = .clearFaults
    case ("leader", 4):
      self = .leader(words[1], try Self.number(words[2], 0), try Self.brokerOrNone(words[3]))
    case ("replica", 4):
      self = .replica(words[1], try Self.number(words[2], 0), try Self.brokerOrNone(words[3]))
    case ("truncate", 4):
      self = .truncate(words[1], try Self.number(words[2], 0), try Self.number(words[3], 0))
    case ("create-topic", 2): self = .createTopic(try Self.topic(words[1]))
    case ("delete-topic", 2): self = .deleteTopic(words[1])
    case ("partitions", 3): self = .partitions(words[1], try Self.number(words[2], 1))
    case ("down", 2): self = .down(try Self.number(words[1], 0))
    case ("up", 2): self = .up(try Self.number(words[1], 0))
    default:
      throw Mistake(
        description: "expected \(Self.forms.joined(separator: ", ")), not \"\(line)\"")
    }
  }

  private static func number<T: FixedWidthInteger>(_ text: String, _ least: T) throws(Mistake) -> T
  {
    guard let number = T(text), number >= least else {
      throw Mistake(description: "\"\(text)\" is not a number from \(least) to \(T.max)")
    }
    return number
  }

  private static func brokerOrNone(_ text: String) throws(Mistake) -> Int32? {
    text == "none" ? nil : try number(text, 0)
  }

  private static func topic(_ text: String) throws(Mistake) -> BrokerOptions.Topic {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard let name = parts.first, parts.count <= 3 else {
      throw Mistake(description: "\"\(text)\" is not TOPIC[:PARTITIONS[:REPLICAS]]")
    }
    var topic = BrokerOptions.Topic(name: name)
    if parts.count > 1 { topic.partitions = try number(parts[1], 1) }
    if parts.count > 2 { topic.replicas = try number(parts[2], 1) }
    return topic
  }
}
