/// What `-L` shows of a cluster; its texts are ready to be printed.
struct ClusterView: Sendable, Equatable {
  /// A broker of the answer.
  struct Broker: Sendable, Equatable {
    var id: Int32
    var host: String
    var port: Int32
  }

  /// A topic of the answer.
  struct Topic: Sendable, Equatable {
    var name: String
    /// The error's sentence, as "Broker: Unknown topic or partition"; nil without error.
    var error: String? = nil
    /// Whether the error passes by itself: `LEADER_NOT_AVAILABLE`.
    var tryAgain = false
    var partitions: [Partition] = []
  }

  /// A partition of a topic.
  struct Partition: Sendable, Equatable {
    var id: Int32
    /// −1 if there is none.
    var leader: Int32
    var replicas: [Int32] = []
    var isrs: [Int32] = []
    /// The error's sentence; nil without error.
    var error: String? = nil
  }

  /// The topic that was asked for; nil for all.
  var topic: String? = nil
  /// The broker that answered.
  var originatingBrokerId: Int32
  /// Its name, as "127.0.0.1:9092/1".
  var originatingBrokerName: String
  /// nil if the broker does not tell (Metadata version 0).
  var controllerId: Int32? = nil
  var brokers: [Broker] = []
  var topics: [Topic] = []

  /// The text of `-L`; for a terminal, what would steer it is escaped.
  func text(forTerminal: Bool = false) -> [UInt8] {
    func shown(_ text: String) -> String { forTerminal ? TerminalText.harmless(text) : text }
    let subject = topic.map { shown($0) } ?? "all topics"
    let origin = shown(originatingBrokerName)
    var lines = "Metadata for \(subject) (from broker \(originatingBrokerId): \(origin)):\n"
    lines += " \(brokers.count) brokers:\n"
    for broker in brokers {
      let mark = broker.id == controllerId ? " (controller)" : ""
      lines += "  broker \(broker.id) at \(shown(broker.host)):\(broker.port)\(mark)\n"
    }
    lines += " \(topics.count) topics:\n"
    for topic in topics {
      lines += "  topic \"\(shown(topic.name))\" with \(topic.partitions.count) partitions:"
      if let error = topic.error { lines += " \(error)" }
      lines += topic.tryAgain ? " (try again)\n" : "\n"
      for partition in topic.partitions {
        lines += "    partition \(partition.id), leader \(partition.leader), "
        lines += "replicas: \(Self.list(partition.replicas)), isrs: \(Self.list(partition.isrs))"
        if let error = partition.error { lines += ", \(error)" }
        lines += "\n"
      }
    }
    return Array(lines.utf8)
  }

  private static func list(_ ids: [Int32]) -> String {
    ids.map { String($0) }.joined(separator: ",")
  }

  /// `-L -J`: one object in one line, and a newline that kcat leaves out.
  func json(forTerminal: Bool = false) -> [UInt8] {
    var text: [UInt8] = []
    func put(_ bytes: String) { text.append(contentsOf: bytes.utf8) }
    func put(string: String) { JSONText.append(string, forTerminal: forTerminal, to: &text) }
    func put(error: String?) {
      guard let error else { return }
      put(",\"error\":")
      put(string: error)
    }
    func put(ids: [Int32]) {
      put("[" + ids.map { "{\"id\":\($0)}" }.joined(separator: ",") + "]")
    }
    put("{\"originating_broker\":{\"id\":\(originatingBrokerId),\"name\":")
    put(string: originatingBrokerName)
    put("},\"query\":{\"topic\":")
    put(string: topic ?? "*")
    put("},\"controllerid\":\(controllerId ?? -1),\"brokers\":[")
    for (index, broker) in brokers.enumerated() {
      put("\(index > 0 ? "," : ""){\"id\":\(broker.id),\"name\":")
      put(string: "\(broker.host):\(broker.port)")
      put("}")
    }
    put("],\"topics\":[")
    for (index, topic) in topics.enumerated() {
      put("\(index > 0 ? "," : ""){\"topic\":")
      put(string: topic.name)
      put(error: topic.error)
      put(",\"partitions\":[")
      for (index, partition) in topic.partitions.enumerated() {
        put("\(index > 0 ? "," : ""){\"partition\":\(partition.id)")
        put(error: partition.error)
        put(",\"leader\":\(partition.leader),\"replicas\":")
        put(ids: partition.replicas)
        put(",\"isrs\":")
        put(ids: partition.isrs)
        put("}")
      }
      put("]}")
    }
    put("]}\n")
    return text
  }
}
