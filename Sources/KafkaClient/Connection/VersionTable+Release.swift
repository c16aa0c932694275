internal import KafkaProtocol

extension VersionTable {
  /// The release of Kafka that the versions look like, such as `2.2`; nil before 0.10.
  ///
  /// Brokers do not say which they are, and other makes speak what they want.
  public var release: String? {
    Self.releases.first { newestVersion(of: $0.key).map(Int.init) ?? -1 >= $0.version }?.name
  }

  /// The first version of an API that came with a release; newest release first.
  ///
  /// Releases that brought none which a broker of theirs is sure to offer share a line.
  private static let releases: [(name: String, key: Int16, version: Int)] = [
    ("4.2 or later", key: 78, version: 2),  // ShareFetch: renewal (KIP-1222)
    ("4.1", key: 0, version: 13),  // Produce: topic ids (KIP-516)
    ("4.0", key: 0, version: 12),  // Produce: transactions (KIP-890)
    ("3.9", key: 1, version: 17),  // Fetch: directory ids (KIP-853)
    ("3.8", key: 0, version: 11),  // Produce: TRANSACTION_ABORTABLE (KIP-890)
    ("3.7", key: 1, version: 16),  // Fetch: leaders (KIP-951)
    ("3.5 or 3.6", key: 1, version: 15),  // Fetch: ReplicaState (KIP-903)
    ("3.3 or 3.4", key: 38, version: 3),  // CreateDelegationToken: for others (KIP-373)
    ("3.2", key: 11, version: 9),  // JoinGroup: SkipAssignment (KIP-814)
    ("3.1", key: 1, version: 13),  // Fetch: topic ids (KIP-516)
    ("3.0", key: 9, version: 8),  // OffsetFetch: many groups (KIP-709)
    ("2.8", key: 60, version: 0),  // DescribeCluster (KIP-700)
    ("2.7", key: 1, version: 12),  // Fetch: flexible (KIP-595)
    ("2.6", key: 48, version: 0),  // DescribeClientQuotas (KIP-546)
    ("2.5", key: 11, version: 7),  // JoinGroup: protocol type (KIP-559)
    ("2.4", key: 47, version: 0),  // OffsetDelete (KIP-496)
    ("2.3", key: 44, version: 0),  // IncrementalAlterConfigs (KIP-339)
    ("2.2", key: 43, version: 0),  // ElectLeaders (KIP-183)
    ("2.1", key: 1, version: 10),  // Fetch: zstd (KIP-110)
    ("2.0", key: 1, version: 8),  // Fetch: throttling (KIP-219)
    ("1.1", key: 1, version: 7),  // Fetch: sessions (KIP-227)
    ("1.0", key: 36, version: 0),  // SaslAuthenticate (KIP-152)
    ("0.11", key: 22, version: 0),  // InitProducerId (KIP-98)
    ("0.10.2", key: 19, version: 1),  // CreateTopics: validateOnly
    ("0.10.1", key: 19, version: 0),  // CreateTopics (KIP-4)
    ("0.10.0", key: 18, version: 0),  // ApiVersions (KIP-35)
  ]
}
