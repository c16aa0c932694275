/// The requests that hbcat speaks, by Kafka's key.
public enum APIKey: Int16, CaseIterable, Sendable {
  case produce = 0
  case fetch = 1
  case listOffsets = 2
  case metadata = 3
  case offsetCommit = 8
  case offsetFetch = 9
  case findCoordinator = 10
  case joinGroup = 11
  case heartbeat = 12
  case leaveGroup = 13
  case syncGroup = 14
  case saslHandshake = 17
  case apiVersions = 18
  case createTopics = 19
  case initProducerId = 22
  case offsetForLeaderEpoch = 23
  case addPartitionsToTxn = 24
  case addOffsetsToTxn = 25
  case endTxn = 26
  case txnOffsetCommit = 28
  case describeConfigs = 32
  case saslAuthenticate = 36
  case describeCluster = 60
  case consumerGroupHeartbeat = 68
  case consumerGroupDescribe = 69
  case shareGroupHeartbeat = 76
  case shareFetch = 78
  case shareAcknowledge = 79

  private struct Row {
    var name: String
    var versions: ClosedRange<Int16>
    var flexibleSince: Int16
    var stableSince: Int16 = 0
    var unstableSince: Int16 = .max
  }

  /// Kafka's definitions of 3.9.1 (oldest versions) and 4.3.1 (newest).
  private var row: Row {
    switch self {
    case .produce: Row(name: "Produce", versions: 0...13, flexibleSince: 9)
    case .fetch: Row(name: "Fetch", versions: 0...18, flexibleSince: 12)
    case .listOffsets: Row(name: "ListOffsets", versions: 0...11, flexibleSince: 6)
    case .metadata: Row(name: "Metadata", versions: 0...13, flexibleSince: 9)
    case .offsetCommit: Row(name: "OffsetCommit", versions: 0...10, flexibleSince: 8)
    case .offsetFetch: Row(name: "OffsetFetch", versions: 0...10, flexibleSince: 6)
    case .findCoordinator: Row(name: "FindCoordinator", versions: 0...6, flexibleSince: 3)
    case .joinGroup: Row(name: "JoinGroup", versions: 0...9, flexibleSince: 6)
    case .heartbeat: Row(name: "Heartbeat", versions: 0...4, flexibleSince: 4)
    case .leaveGroup: Row(name: "LeaveGroup", versions: 0...5, flexibleSince: 4)
    case .syncGroup: Row(name: "SyncGroup", versions: 0...5, flexibleSince: 4)
    case .saslHandshake: Row(name: "SaslHandshake", versions: 0...1, flexibleSince: .max)
    case .apiVersions: Row(name: "ApiVersions", versions: 0...4, flexibleSince: 3)
    case .createTopics: Row(name: "CreateTopics", versions: 0...7, flexibleSince: 5)
    case .initProducerId:
      Row(name: "InitProducerId", versions: 0...6, flexibleSince: 2, unstableSince: 6)
    case .offsetForLeaderEpoch:
      Row(name: "OffsetForLeaderEpoch", versions: 0...4, flexibleSince: 4)
    case .addPartitionsToTxn: Row(name: "AddPartitionsToTxn", versions: 0...5, flexibleSince: 3)
    case .addOffsetsToTxn: Row(name: "AddOffsetsToTxn", versions: 0...4, flexibleSince: 3)
    case .endTxn: Row(name: "EndTxn", versions: 0...5, flexibleSince: 3)
    case .txnOffsetCommit: Row(name: "TxnOffsetCommit", versions: 0...5, flexibleSince: 3)
    case .describeConfigs: Row(name: "DescribeConfigs", versions: 0...4, flexibleSince: 4)
    case .saslAuthenticate: Row(name: "SaslAuthenticate", versions: 0...2, flexibleSince: 2)
    case .describeCluster: Row(name: "DescribeCluster", versions: 0...2, flexibleSince: 0)
    case .consumerGroupHeartbeat:
      Row(name: "ConsumerGroupHeartbeat", versions: 0...1, flexibleSince: 0)
    case .consumerGroupDescribe:
      Row(name: "ConsumerGroupDescribe", versions: 0...1, flexibleSince: 0)
    // Version 0 was early access in Kafka 4.0, and 4.1 took it away (KIP-932).
    case .shareGroupHeartbeat:
      Row(name: "ShareGroupHeartbeat", versions: 0...1, flexibleSince: 0, stableSince: 1)
    case .shareFetch: Row(name: "ShareFetch", versions: 0...2, flexibleSince: 0, stableSince: 1)
    case .shareAcknowledge:
      Row(name: "ShareAcknowledge", versions: 0...2, flexibleSince: 0, stableSince: 1)
    }
  }

  /// Kafka's name of the API.
  public var name: String { row.name }
  /// The versions that hbcat can read and write.
  public var versions: ClosedRange<Int16> { row.versions }
  /// The versions that hbcat sends: all but those that Kafka calls unstable.
  public var stableVersions: ClosedRange<Int16> {
    let row = self.row
    let first = max(row.versions.lowerBound, row.stableSince)
    let last = min(row.versions.upperBound, row.unstableSince - 1)
    return first...last
  }
  /// True where `version` has compact lengths and tagged fields (KIP-482).
  public func isFlexible(_ version: Int16) -> Bool { version >= row.flexibleSince }
  /// True where the response's header has a tag section; that of ApiVersions never has (KIP-511).
  func responseHeaderHasTags(_ version: Int16) -> Bool {
    self != .apiVersions && isFlexible(version)
  }
}
