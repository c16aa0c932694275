import JSON
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
    var json = JSONWriter(.kcat)
    json.object { json in
      json.name("originating_broker")
      json.object { json in
        json.member("id", originatingBrokerId)
        json.member("name", originatingBrokerName)
      }
      json.name("query")
      json.object { $0.member("topic", topic ?? "*") }
      json.member("controllerid", controllerId ?? -1)
      json.member("brokers", of: brokers) { json, broker in
        json.object { json in
          json.member("id", broker.id)
          json.member("name", "\(broker.host):\(broker.port)")
        }
      }
      json.member("topics", of: topics) { Self.write($1, to: &$0) }
    }
    return json.line(forTerminal: forTerminal)
  }

  private static func write(_ topic: Topic, to json: inout JSONWriter) {
    json.object { json in
      json.member("topic", topic.name)
      if let error = topic.error { json.member("error", error) }
      switch topic.configs {
      case .known(let configs): json.member("configs", of: configs) { write($1, to: &$0) }
      case .unknown(let why): json.member("configs_error", why)
      case nil: break
      }
      json.member("partitions", of: topic.partitions) { write($1, to: &$0) }
    }
  }

  private static func write(_ config: TopicConfig, to json: inout JSONWriter) {
    json.object { json in
      json.member("name", config.name)
      json.member("value", config.isSensitive ? redacted : config.value)
      json.member("source", config.source.rawValue)
    }
  }

  private static func write(_ partition: Partition, to json: inout JSONWriter) {
    json.object { json in
      json.member("partition", partition.id)
      if let error = partition.error { json.member("error", error) }
      json.member("leader", partition.leader)
      for (name, ids) in [("replicas", partition.replicas), ("isrs", partition.isrs)] {
        json.member(name, of: ids) { json, id in json.object { $0.member("id", id) } }
      }
      switch partition.offsets {
      case .known(let span):
        json.member("low", span.low)
        json.member("high", span.high)
      case .unknown(let why): json.member("offsets_error", why)
      case nil: break
      }
    }
  }
}
