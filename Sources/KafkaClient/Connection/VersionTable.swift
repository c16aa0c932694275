public import KafkaProtocol

/// The versions of each API that one broker speaks.
public struct VersionTable: Sendable, Equatable {
  private var ranges: [Int16: ClosedRange<Int16>]
  /// The version of transactions that the cluster has agreed on: 2 with KIP-890, 0 where it says none.
  public private(set) var transactionVersion: Int16 = 0

  /// Takes the ranges that the broker stated; those that are empty or negative are left out.
  public init(_ response: ApiVersionsResponse) {
    ranges = [:]
    for row in response.apiKeys where row.minVersion >= 0 && row.minVersion <= row.maxVersion {
      ranges[row.apiKey] = row.minVersion...row.maxVersion
    }
    let feature = response.finalizedFeatures.first { $0.name == "transaction.version" }
    transactionVersion = feature?.maxVersionLevel ?? 0
  }

  private init(_ rows: [APIKey: ClosedRange<Int16>]) {
    ranges = [:]
    for (api, range) in rows { ranges[api.rawValue] = range }
  }

  /// The newest version of `api` that both sides speak and that is no newer than `limit`.
  ///
  /// - Throws: `ClientError.unsupported` where there is none.
  public func version(of api: APIKey, atMost limit: Int16 = .max) throws(ClientError) -> Int16 {
    guard let theirs = ranges[api.rawValue] else {
      throw .unsupported(what: api.name, needs: "a broker that offers it")
    }
    let ours = api.stableVersions
    let newest = min(theirs.upperBound, ours.upperBound, limit)
    guard newest >= theirs.lowerBound, newest >= ours.lowerBound else {
      throw .unsupported(
        what: api.name,
        needs: "a version of \(ours.lowerBound) to \(min(ours.upperBound, limit)), and the broker "
          + "offers \(theirs.lowerBound) to \(theirs.upperBound)")
    }
    return newest
  }

  /// True where the broker offers `api` at all.
  public func offers(_ api: APIKey) -> Bool { ranges[api.rawValue] != nil }

  /// How many APIs the broker offers.
  public var apiCount: Int { ranges.count }

  /// The newest version that the broker offers of the API of that key; nil where it has none.
  func newestVersion(of key: Int16) -> Int16? { ranges[key]?.upperBound }

  /// What brokers speak that do not answer ApiVersions, by their release (librdkafka's fallback tables).
  public static func fallback(forBrokerVersion release: String) -> VersionTable {
    var rows: [APIKey: ClosedRange<Int16>] = [
      .produce: 0...1, .fetch: 0...1, .listOffsets: 0...0, .metadata: 0...0,
      .findCoordinator: 0...0, .offsetCommit: 0...2, .offsetFetch: 0...1, .joinGroup: 0...0,
      .syncGroup: 0...0, .heartbeat: 0...0, .leaveGroup: 0...0,
    ]
    if release.hasPrefix("0.10") {
      rows[.produce] = 0...2
      rows[.fetch] = 0...2
      rows[.metadata] = 0...1
      rows[.apiVersions] = 0...0
    }
    if release.hasPrefix("0.10.1") || release.hasPrefix("0.10.2") {
      rows[.fetch] = 0...3
      rows[.listOffsets] = 0...1
      rows[.metadata] = 0...2
      rows[.joinGroup] = 0...1
      rows[.offsetFetch] = 0...(release.hasPrefix("0.10.2") ? 2 : 1)
      rows[.createTopics] = 0...(release.hasPrefix("0.10.2") ? 1 : 0)
    }
    return VersionTable(rows)
  }
}
