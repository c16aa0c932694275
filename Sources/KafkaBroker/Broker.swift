public import KafkaProtocol
public import Transport

/// An embedded Kafka cluster of one or more brokers, all in memory: for trying and testing.
///
/// Everything happens on the loop's thread. What it cannot do it does not advertise.
@Net public final class Broker {
  let options: BrokerOptions
  var topics = Topics()
  var faults = FaultRules()
  /// What groups have committed.
  var groupOffsets = GroupOffsets()
  let groups: GroupCoordinator
  let shares: ShareCoordinator
  var transactions = TransactionCoordinator()
  /// Aborts the transaction that is overdue next.
  var transactionTimer: Timer?
  /// Waits that have got what they wait for since the last look.
  var readyWaits: [any Wait] = []
  private var isFinishingWaits = false
  private var batchCheck: BatchCheck
  /// All brokers of the cluster, by rising id.
  var nodes: [Node] = []
  /// The fetch sessions of each broker.
  var fetchSessions: [Int32: FetchSessions] = [:]
  private var connections: [ObjectIdentifier: BrokerConnection] = [:]

  /// Requests received so far, by API.
  public private(set) var requests: [APIKey: Int] = [:]
  /// Connections accepted so far.
  public private(set) var acceptedConnections = 0
  /// Connections closed at once because `connectionsMax` were open.
  public private(set) var refusedConnections = 0
  /// What clients did that Kafka's protocol does not allow: the first `violationsMax`, one sentence each.
  public private(set) var violations: [String] = []
  /// How often clients did what Kafka's protocol does not allow.
  public private(set) var violationCount = 0

  /// Violations that are kept as text.
  public static let violationsMax = 1000

  /// One broker of the cluster.
  struct Node {
    let id: Int32
    let address: SocketAddress
    /// Nil while the broker is down.
    var listener: Listener?
  }

  /// Makes a broker that does not listen yet.
  public init(_ options: BrokerOptions = BrokerOptions()) {
    self.options = options
    groups = GroupCoordinator(GroupLimits(options))
    shares = ShareCoordinator(options)
    batchCheck = BatchCheck(
      batchBytesMax: options.maxMessageBytes, readsRecords: options.checksRecords)
    groups.sendAnswers = { [weak self] in self?.finishReadyWaits() }
    shares.wake = { [weak self] waits in
      guard let self, !waits.isEmpty else { return }
      readyWaits += waits
      // What releases records may be no request: a lock's end, or a connection's.
      _ = Timer(afterMs: 0) { [weak self] in self?.finishReadyWaits() }
    }
  }

  /// Creates the topics and listens.
  ///
  /// - Throws: `BrokerError` where the options cannot be met or an address cannot be had.
  public func start() throws(BrokerError) {
    precondition(nodes.isEmpty, "a broker is started once")
    guard options.brokers >= 1, options.brokers <= 100 else {
      throw .option("brokers", "\(options.brokers)", "from 1 to 100 are possible")
    }
    guard options.brokerId >= 0, options.brokerId < Int32.max - 100 else {
      throw .option("broker id", "\(options.brokerId)", "it cannot be negative or near 2^31")
    }
    for topic in options.topics { try createTopic(topic) }
    for index in 0..<options.brokers {
      let id = options.brokerId + Int32(index)
      var port = options.listenPort
      if port != 0 {
        guard let next = UInt16(exactly: Int(port) + index) else {
          throw .option("port", "\(port)", "\(options.brokers) ports from there do not exist")
        }
        port = next
      }
      do {
        let listener = try listen(id, port: port)
        nodes.append(Node(id: id, address: listener.address, listener: listener))
      } catch {
        for node in nodes { node.listener?.close() }
        nodes = []
        throw error
      }
    }
  }

  func listen(_ id: Int32, port: UInt16) throws(BrokerError) -> Listener {
    do {
      return try Listener(host: options.listenHost, port: port) { [weak self] socket in
        self?.accepted(socket, nodeId: id)
      }
    } catch {
      throw .listen(error)
    }
  }

  /// Closes the listeners and all connections; records are gone.
  public func stop() async {
    groups.stop()
    shares.stop()
    for node in nodes { node.listener?.close() }
    for connection in connections.values { connection.close() }
    connections = [:]
    transactionTimer?.cancel()
    transactionTimer = nil
    nodes = []
  }

  /// Address on which the first broker listens; nil before `start` and after `stop`.
  public var address: SocketAddress? { nodes.first?.address }

  /// What a client's bootstrap list must say: `HOST:PORT`, comma-separated; empty before `start`.
  public var bootstrap: String {
    nodes.map { node in
      let host = options.advertisedHost ?? Self.reachable(node.address.host)
      return "\(host.contains(":") ? "[\(host)]" : host):\(node.address.port)"
    }.joined(separator: ",")
  }

  /// Where a client on this machine reaches a listener on `host`, which may stand for all addresses.
  private static func reachable(_ host: String) -> String {
    switch host {
    case "0.0.0.0": "127.0.0.1"
    case "::": "::1"
    default: host
    }
  }

  /// Ids of all brokers.
  public var brokerIds: [Int32] {
    (0..<Int32(options.brokers)).map { options.brokerId + $0 }
  }

  /// Ids of the brokers that are up.
  var upIds: [Int32] { nodes.filter { $0.listener != nil }.map(\.id) }

  /// The broker that is said to be the controller; −1 where none is up.
  var controllerId: Int32 { upIds.first ?? -1 }

  /// Connections that are open now.
  public var openConnections: Int { connections.count }

  /// Creates a topic as the option `topics` does.
  ///
  /// - Throws: `BrokerError` with the reason in words, where the topic exists or breaks a rule.
  public func createTopic(_ topic: BrokerOptions.Topic) throws(BrokerError) {
    _ = try make(topic)
  }

  private func make(_ topic: BrokerOptions.Topic) throws(BrokerError) -> Topic {
    do {
      return try topics.create(
        name: topic.name, partitions: topic.partitions, replicas: topic.replicas,
        brokerIds: brokerIds, retentionBytes: options.retentionBytesPerPartition)
    } catch {
      throw .topic(topic, error.message)
    }
  }

  /// The offset that the next record of a partition gets; nil where there is no such partition.
  public func endOffset(topic: String, partition: Int32 = 0) -> Int64? {
    topics[topic]?.partition(partition)?.log.logEndOffset
  }

  /// Adds a rule of what shall go wrong, behind those that are there.
  public func inject(_ rule: FaultRule) { faults.add(rule) }

  /// Forgets all rules of what shall go wrong.
  public func clearFaults() { faults.clear() }

  /// Checks records that a client wants to store.
  func check(_ bytes: UnsafeRawBufferPointer, produceVersion: Int16) throws(BatchRefusal)
    -> BatchSummary
  {
    try batchCheck.check(bytes, produceVersion: produceVersion)
  }

  /// Host and port that a client on `connection` is told for each broker that is up.
  func advertised(_ connection: BrokerConnection) -> [(id: Int32, host: String, port: Int32)] {
    let host = options.advertisedHost ?? connection.localHost
    return nodes.filter { $0.listener != nil }.map { ($0.id, host, Int32($0.address.port)) }
  }

  /// Notes that a client did what it must not.
  func violation(_ text: String) {
    violationCount += 1
    if violations.count < Self.violationsMax { violations.append(text) }
  }

  func count(_ api: APIKey) { requests[api, default: 0] += 1 }

  /// Sends the answers that have come for waiting requests.
  func finishReadyWaits() {
    // A request that waited behind a Fetch may itself be an append: the loop below sees to its waits.
    guard !isFinishingWaits else { return }
    isFinishingWaits = true
    while !readyWaits.isEmpty {
      let ready = readyWaits
      readyWaits = []
      for wait in ready { wait.finish() }
    }
    isFinishingWaits = false
  }

  private func accepted(_ socket: Socket, nodeId: Int32) {
    guard connections.count < options.connectionsMax else {
      refusedConnections += 1
      return socket.close()
    }
    acceptedConnections += 1
    let connection = BrokerConnection(socket, broker: self, nodeId: nodeId)
    connections[ObjectIdentifier(connection)] = connection
    connection.begin()
  }

  func closeConnections(of nodeId: Int32) {
    for connection in connections.values where connection.nodeId == nodeId { connection.close() }
  }

  func closed(_ connection: BrokerConnection) {
    connections[ObjectIdentifier(connection)] = nil
    shares.closed(connection)
  }
}

/// Why a broker cannot start or have a topic.
public enum BrokerError: Error, CustomStringConvertible {
  /// The address cannot be listened on.
  case listen(TransportError)
  /// A topic cannot be created, with the reason.
  case topic(BrokerOptions.Topic, String)
  /// An option's name, its value and what would be possible.
  case option(String, String, String)

  /// A sentence for people.
  public var description: String {
    switch self {
    case .listen(let error): error.description
    case .topic(let topic, let reason):
      "topic \(topic.name):\(topic.partitions):\(topic.replicas): \(reason)"
    case .option(let name, let value, let way): "\(name) \(value): \(way)"
    }
  }
}
