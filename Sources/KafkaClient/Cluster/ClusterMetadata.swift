public import KafkaProtocol

/// What the cluster last said of its brokers and topics.
public struct ClusterMetadata: Sendable {
  /// A broker and the address at which it wants to be reached.
  public struct Broker: Sendable, Hashable {
    /// The broker's id, 0 or more.
    public var nodeId: Int32
    /// Name or numeric address that the broker advertises.
    public var host: String
    /// 1 to 65535.
    public var port: Int32
    /// The rack or zone (KIP-36); nil if none is set.
    public var rack: String?
    /// `host:port`.
    public var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether there can be such a broker (S13).
    var canBe: Bool {
      nodeId >= 0 && (1...65535).contains(port) && !host.isEmpty && host.utf8.count <= 255
        && host.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
    }
  }

  /// A topic and its partitions, sorted by their index.
  public struct Topic: Sendable {
    /// The topic's name.
    public var name: String
    /// Zero where the broker knows no ids (before Metadata v10, KIP-516).
    public var topicId = Uuid.zero
    /// Why the topic cannot be used, or none.
    public var errorCode = ErrorCode.none
    /// True for topics such as `__consumer_offsets`.
    public var isInternal = false
    /// Sorted by index, each once.
    public var partitions: [Partition] = []

    /// The partition of that index, or nil.
    public func partition(_ index: Int32) -> Partition? {
      partitions.first { $0.index == index }
    }
  }

  /// A partition, its leader and its replicas.
  public struct Partition: Sendable {
    /// The partition's number, 0 or more.
    public var index: Int32
    /// What is wrong with the partition, or none.
    public var errorCode = ErrorCode.none
    /// −1 if there is none.
    public var leaderId: Int32 = -1
    /// −1 if unknown.
    public var leaderEpoch: Int32 = -1
    /// The brokers that hold it.
    public var replicas: [Int32] = []
    /// Those of them that are in sync with the leader.
    public var isrs: [Int32] = []
  }

  /// In the order of the response.
  public internal(set) var brokers: [Broker] = []
  /// −1 if unknown; brokers before 0.10 do not tell.
  public private(set) var controllerId: Int32 = -1
  /// The cluster's id (Metadata v2); nil if unknown.
  public private(set) var clusterId: String?
  /// The topics that were asked for, in the order of the response.
  public internal(set) var topics: [Topic] = []
  private(set) var topicIndex: [String: Int] = [:]
  var brokerIndex: [Int32: Int] = [:]

  /// Knows nothing.
  public init() {}

  /// The topic of that name, or nil where it was not asked for or not answered.
  public func topic(_ name: String) -> Topic? { topicIndex[name].map { topics[$0] } }

  /// The broker of that id, or nil.
  public func broker(_ id: Int32) -> Broker? { brokerIndex[id].map { brokers[$0] } }

  /// Forgets the brokers, and with them who leads; topics are kept for their ids.
  mutating func forgetBrokers() {
    brokers = []
    brokerIndex = [:]
  }

  /// Takes over a response: brokers are replaced, topics in it replace those of the same name.
  ///
  /// `isComplete` says that all topics were asked for, so that what is missing is gone. Brokers with an
  /// address that cannot be one (S13) are left out.
  public mutating func merge(_ response: MetadataResponse, isComplete: Bool) {
    brokers = []
    brokerIndex = [:]
    for row in response.brokers {
      let broker = Broker(nodeId: row.nodeId, host: row.host, port: row.port, rack: row.rack)
      guard broker.canBe, brokerIndex[row.nodeId] == nil else { continue }
      brokerIndex[row.nodeId] = brokers.count
      brokers.append(broker)
    }
    controllerId = response.controllerId
    clusterId = response.clusterId ?? clusterId
    if isComplete {
      topics = []
      topicIndex = [:]
    }
    for row in response.topics {
      guard let name = row.name else { continue }
      var topic = Topic(
        name: name, topicId: row.topicId, errorCode: row.errorCode, isInternal: row.isInternal)
      var seen: Set<Int32> = []
      for part in row.partitions where part.partitionIndex >= 0 {
        guard seen.insert(part.partitionIndex).inserted else { continue }
        topic.partitions.append(
          Partition(
            index: part.partitionIndex, errorCode: part.errorCode, leaderId: part.leaderId,
            leaderEpoch: part.leaderEpoch, replicas: part.replicaNodes, isrs: part.isrNodes))
      }
      topic.partitions.sort { $0.index < $1.index }
      if let index = topicIndex[name] {
        topics[index] = topic
      } else {
        topicIndex[name] = topics.count
        topics.append(topic)
      }
    }
  }
}
