import KafkaClient

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
    /// Its settings; nil where nobody asked.
    var configs: Told<[TopicConfig]>?
  }

  /// What somebody asked for beyond the metadata.
  enum Told<Value: Sendable & Equatable>: Sendable, Equatable {
    case known(Value)
    /// Why it is not known.
    case unknown(String)
  }

  /// Where a partition begins and ends.
  struct Span: Sendable, Equatable {
    /// The offset of the first record.
    var low: Int64
    /// The one behind the last record that all in-sync replicas hold.
    var high: Int64
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
    /// nil where nobody asked.
    var offsets: Told<Span>?
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
      switch topic.configs {
      case .known(let configs):
        for config in configs { lines += "    config \(shown(Self.text(config)))\n" }
      case .unknown(let why): lines += "    config unknown (\(shown(why)))\n"
      case nil: break
      }
      for partition in topic.partitions {
        lines += "    partition \(partition.id), leader \(partition.leader), "
        lines += "replicas: \(Self.list(partition.replicas)), isrs: \(Self.list(partition.isrs))"
        switch partition.offsets {
        case .known(let span): lines += ", offsets: \(span.low)..\(span.high)"
        case .unknown(let why): lines += ", offsets: unknown (\(shown(why)))"
        case nil: break
        }
        if let error = partition.error { lines += ", \(error)" }
        lines += "\n"
      }
    }
    return Array(lines.utf8)
  }

  private static func list(_ ids: [Int32]) -> String {
    ids.map { String($0) }.joined(separator: ",")
  }

  private static func text(_ config: TopicConfig) -> String {
    let value = config.isSensitive ? redacted : config.value ?? ""
    let origin = config.source == .topic ? "" : " (\(config.source.rawValue))"
    return "\(config.name)=\(value)\(origin)"
  }

  /// Stands in place of a secret.
  private static let redacted = "[redacted]"

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
    func put(_ config: TopicConfig) {
      put("{\"name\":")
      put(string: config.name)
      put(",\"value\":")
      if let value = config.isSensitive ? Self.redacted : config.value {
        put(string: value)
      } else {
        put("null")
      }
      put(",\"source\":\"\(config.source.rawValue)\"}")
    }
    func put(_ configs: Told<[TopicConfig]>?) {
      switch configs {
      case .known(let configs):
        put(",\"configs\":[")
        for (index, config) in configs.enumerated() {
          if index > 0 { put(",") }
          put(config)
        }
        put("]")
      case .unknown(let why):
        put(",\"configs_error\":")
        put(string: why)
      case nil: break
      }
    }
    func put(_ offsets: Told<Span>?) {
      switch offsets {
      case .known(let span): put(",\"low\":\(span.low),\"high\":\(span.high)")
      case .unknown(let why):
        put(",\"offsets_error\":")
        put(string: why)
      case nil: break
      }
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
      put(topic.configs)
      put(",\"partitions\":[")
      for (index, partition) in topic.partitions.enumerated() {
        put("\(index > 0 ? "," : ""){\"partition\":\(partition.id)")
        put(error: partition.error)
        put(",\"leader\":\(partition.leader),\"replicas\":")
        put(ids: partition.replicas)
        put(",\"isrs\":")
        put(ids: partition.isrs)
        put(partition.offsets)
        put("}")
      }
      put("]}")
    }
    put("]}\n")
    return text
  }
}
