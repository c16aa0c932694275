import KafkaProtocol
import Transport

/// A topic and its partitions.
@Net final class Topic {
  let name: String
  let id: Uuid
  private(set) var partitions: [Partition]

  init(name: String, id: Uuid, partitions: [Partition]) {
    self.name = name
    self.id = id
    self.partitions = partitions
  }

  func append(_ more: [Partition]) { partitions += more }

  /// Finds a partition by the number that a client gave.
  func partition(_ index: Int32) -> Partition? {
    guard let index = Int(exactly: index), partitions.indices.contains(index) else { return nil }
    return partitions[index]
  }
}

/// A partition: where it lives, its records, and who waits for more of them.
@Net final class Partition {
  /// All brokers that are said to hold it, the preferred leader first.
  var replicas: [Int32]
  /// The broker that serves it; −1 for none.
  var leaderId: Int32
  /// From which replica clients with a rack shall read (KIP-392); nil for the leader.
  var preferredReadReplica: Int32?
  var log: PartitionLog
  /// Fetches to be told of the next append.
  var waiters: [FetchWait] = []

  init(replicas: [Int32], log: PartitionLog) {
    self.replicas = replicas
    leaderId = replicas.first ?? -1
    self.log = log
  }

  /// Changes the log; returns the fetches that have got enough by it.
  func change<T>(_ body: (inout PartitionLog) -> T) -> (T, ready: [FetchWait]) {
    guard !waiters.isEmpty else { return (body(&log), []) }
    let (end, stable) = (log.logEndOffset, log.lastStableOffset)
    let result = body(&log)
    let all = log.bytesAvailable(from: end, limit: .max)
    let committed = log.bytesAvailable(
      from: stable, upTo: log.lastStableOffset, limit: .max)
    return (result, waiters.filter { $0.gained(all: all, committed: committed) })
  }
}

/// The rules for topic names.
enum TopicRules {
  /// The longest name, in bytes (Kafka's `Topic.MAX_NAME_LENGTH`).
  static let nameBytesMax = 249

  /// What is wrong with a topic's name; nil if nothing is.
  static func fault(in name: String) -> String? {
    let bytes = name.utf8
    if bytes.isEmpty { return "topic name is empty" }
    if name == "." || name == ".." { return "topic name cannot be \"\(name)\"" }
    if bytes.count > nameBytesMax {
      return "topic name has \(bytes.count) bytes; at most \(nameBytesMax) are allowed"
    }
    for (place, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"):
        continue
      default:
        return "topic name \"\(name)\": byte \(place) is not allowed; use A-Z a-z 0-9 . _ -"
      }
    }
    return nil
  }

  /// What two names have in common that would give them one metric's name: `.` counts as `_`.
  static func collisionKey(_ name: String) -> String {
    String(
      decoding: name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
  }
}
