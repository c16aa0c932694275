import KafkaBroker

/// What a command line asks for: resolved and validated, the same for both dialects.
enum Plan: Equatable, Sendable {
  case list(ListPlan)
  case ping(PingPlan)
  case produce(ProducePlan)
  case consume(ConsumePlan)
  case query(QueryPlan)
  case notify(NotifyPlan)
  case ingest(IngestPlan)
  case alarms(AlarmsPlan)
  case broker(BrokerPlan)
  case demo(DemoPlan)
  /// Text that goes to stdout: help, version, man page.
  case information(String)
  /// `-X list`: all properties that there are.
  case propertyList
  /// `-X dump`: the properties that hold.
  case propertyDump(ClientPlan)
}

/// Lists brokers, topics and partitions.
struct ListPlan: Hashable, Sendable {
  var client = ClientPlan()
  /// The one topic to list; nil lists all.
  var topic: String?
  var json = false
  var options = ListOptions()
}

/// Tries the way to every broker.
struct PingPlan: Hashable, Sendable {
  var client = ClientPlan()
  var json = false
}

/// Sends messages to a topic.
struct ProducePlan: Hashable, Sendable {
  /// Where messages come from.
  enum Source: Hashable, Sendable {
    /// stdin, split at the delimiter.
    case standardInput
    /// A file, split at the delimiter.
    case lines(of: Argument)
    /// Files, each one message.
    case files([Argument])
  }

  /// A header that all messages get.
  struct Header: Hashable, Sendable {
    var name: [UInt8]
    /// nil is a null value.
    var value: [UInt8]?
  }

  var client = ClientPlan()
  var topic: String
  /// nil leaves the choice to the partitioner.
  var partition: Int32?
  var source = Source.standardInput
  /// One byte or more.
  var delimiter: [UInt8] = [UInt8(ascii: "\n")]
  /// One byte or more; nil: lines have no keys.
  var keyDelimiter: [UInt8]?
  /// The key of messages that have none of their own.
  var fixedKey: [UInt8]?
  var headers: [Header] = []
  /// `-Z`: a key or value that is empty, beside a key delimiter, is sent as null.
  var emptyIsNull = false
  /// A key or value that is just this is sent as null; nil: none is.
  var nullMarker: [UInt8]?
  /// `-T`: messages are copied to stdout, each with the delimiter behind it.
  var tee = false
  /// Stops after that many messages; nil: no limit.
  var maxMessages: Int64?
  /// With a transactional id: how many messages a transaction has; nil: all.
  var transactionEvery: Int64?
}

/// Prints a topic's messages, or as a member of a group those of several.
struct ConsumePlan: Equatable, Sendable {
  /// Whose member the consumer is.
  struct Group: Hashable, Sendable {
    var id: String
    /// Names and `^regular expressions`.
    var topics: [String]
    /// Where each partition begins when it comes for the first time; nil: where the group left off.
    var start: StartOffset?
  }

  var client = ClientPlan()
  /// Empty where `group` or `share` says what is read.
  var topic: String
  /// Further topics; kcat's dialect has none.
  var moreTopics: [String] = []
  var group: Group?
  /// nil reads all partitions.
  var partition: Int32?
  var start = StartOffset.beginning
  /// `e@`: each partition stops before its first message of that time or later, in milliseconds.
  var stopBeforeMs: Int64?
  var exitAtEnd = false
  /// Reads as a member of a share group.
  var share: ShareMembership?
  /// Stops after that many messages; nil: no limit.
  var maxMessages: Int64?
  /// How a message is printed: what `-f`, `-D`, `-K`, `-O`, `-Z`, `-J` and `-s` come to.
  var format = RecordFormat.delimited(by: [UInt8(ascii: "\n")])
  /// Where schemas are; nil where nothing is Avro.
  var registry: [RegistryAddress]?
  /// The file or folder of certificates that may vouch for them; nil: the system's.
  var registryAuthorities: String?
}

/// Runs the embedded broker.
struct BrokerPlan: Hashable, Sendable {
  /// A topic that is there from the start.
  struct Topic: Hashable, Sendable {
    var name: String
    /// 1 or more.
    var partitions: Int32 = 1
    /// 1 or more.
    var replicas: Int16 = 1
  }

  var host = "127.0.0.1"
  /// 0 lets the system choose.
  var port: UInt16 = 9092
  /// Host that clients are told; nil: the address on which they came.
  var advertisedHost: String?
  var brokerId: Int32 = 1001
  /// Ids and ports go up from those of the first.
  var brokers = 1
  /// The largest batch, in bytes.
  var maxMessageBytes = BrokerOptions().maxMessageBytes
  var topics: [Topic] = []
  var autoCreateTopics = true
  /// Partitions of a topic that is created without a number.
  var defaultPartitions: Int32 = 1
  /// What shall go wrong from the start, in this order.
  var faults: [FaultRule] = []
  /// Ends when stdin ends.
  var untilStdinEnds = false
  /// Says what kcat's `-M` says, and does not listen to stdin's lines.
  var isMock = false
  var verbosity = 1
}

/// Shows list, notify and consume on an embedded broker.
struct DemoPlan: Hashable, Sendable {
  var brokerId: Int32 = 1001
  /// Topics that are there from the start, one or more.
  var topics = ["test"]
  var verbosity = 1
}
