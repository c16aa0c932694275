internal import KafkaProtocol

/// What `debug` asks to be told of, by librdkafka's names.
public struct DebugContexts: OptionSet, Sendable {
  /// One bit for each.
  public let rawValue: UInt32
  /// Makes a set of bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Connections that are made and lost.
  public static let broker = Self(rawValue: 1)
  /// Every request and response.
  public static let `protocol` = Self(rawValue: 2)
  /// Metadata.
  public static let metadata = Self(rawValue: 4)
  /// Which APIs brokers have.
  public static let feature = Self(rawValue: 8)
  /// TLS and SASL; never a secret.
  public static let security = Self(rawValue: 16)
  /// Fetch and ListOffsets.
  public static let fetch = Self(rawValue: 32)
  /// Produce.
  public static let msg = Self(rawValue: 64)
  /// Groups.
  public static let cgrp = Self(rawValue: 128)
  /// Idempotence and transactions.
  public static let eos = Self(rawValue: 256)
  /// Properties that are taken without having a meaning here.
  public static let conf = Self(rawValue: 512)
  /// Everything.
  public static let all = Self(rawValue: .max)

  /// Reads librdkafka's list, separated by commas; names of what hbcat has nothing to tell of are nothing.
  public init(parsing list: String) {
    self = []
    for name in list.split(separator: ",") {
      switch name {
      case "all": formUnion(.all)
      case "broker": formUnion(.broker)
      case "protocol": formUnion(.protocol)
      case "metadata", "topic": formUnion(.metadata)
      case "feature": formUnion(.feature)
      case "security": formUnion(.security)
      case "fetch": formUnion(.fetch)
      case "msg": formUnion(.msg)
      case "cgrp", "assignor": formUnion(.cgrp)
      case "consumer": formUnion([.fetch, .cgrp])
      case "eos": formUnion(.eos)
      case "conf", "generic": formUnion(.conf)
      default: break
      }
    }
  }

  /// What a request is about; with `protocol`, all are told.
  init(_ api: APIKey) {
    self =
      switch api {
      case .produce: .msg
      case .fetch, .listOffsets, .offsetForLeaderEpoch: .fetch
      case .metadata, .describeCluster, .describeConfigs, .createTopics: .metadata
      case .offsetCommit, .offsetFetch, .findCoordinator, .joinGroup, .heartbeat, .leaveGroup,
        .syncGroup, .consumerGroupHeartbeat, .consumerGroupDescribe, .shareGroupHeartbeat,
        .shareFetch, .shareAcknowledge:
        .cgrp
      case .saslHandshake, .saslAuthenticate: .security
      case .apiVersions: .feature
      case .initProducerId, .addPartitionsToTxn, .addOffsetsToTxn, .endTxn, .txnOffsetCommit: .eos
      }
    formUnion(.protocol)
  }
}

/// Where the lines go that `debug` asks for; what nobody asks for costs nothing.
struct DebugLog: Sendable {
  let contexts: DebugContexts
  let log: @Sendable (ClientLog) -> Void

  /// Tells of something if one of its contexts is asked for.
  func callAsFunction(
    _ context: DebugContexts, _ facility: String, _ text: @autoclosure () -> String
  ) {
    guard !contexts.isDisjoint(with: context) else { return }
    log(ClientLog(.debug, facility, text()))
  }
}
