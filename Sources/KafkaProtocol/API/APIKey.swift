/// The requests that hbcat speaks, by Kafka's key.
public enum APIKey: Int16, CaseIterable, Sendable {
  case produce = 0
  case fetch = 1
  case listOffsets = 2
  case metadata = 3
  case findCoordinator = 10
  case apiVersions = 18
  case createTopics = 19
  case initProducerId = 22
  case describeCluster = 60

  private struct Row {
    var name: String
    var versions: ClosedRange<Int16>
    var flexibleSince: Int16
    var unstableSince: Int16 = .max
  }

  /// Kafka's definitions of 3.9.1 (oldest versions) and 4.3.1 (newest).
  private var row: Row {
    switch self {
    case .produce: Row(name: "Produce", versions: 0...13, flexibleSince: 9)
    case .fetch: Row(name: "Fetch", versions: 0...18, flexibleSince: 12)
    case .listOffsets: Row(name: "ListOffsets", versions: 0...11, flexibleSince: 6)
    case .metadata: Row(name: "Metadata", versions: 0...13, flexibleSince: 9)
    case .findCoordinator: Row(name: "FindCoordinator", versions: 0...6, flexibleSince: 3)
    case .apiVersions: Row(name: "ApiVersions", versions: 0...4, flexibleSince: 3)
    case .createTopics: Row(name: "CreateTopics", versions: 0...7, flexibleSince: 5)
    case .initProducerId:
      Row(name: "InitProducerId", versions: 0...6, flexibleSince: 2, unstableSince: 6)
    case .describeCluster: Row(name: "DescribeCluster", versions: 0...2, flexibleSince: 0)
    }
  }

  /// Kafka's name of the API.
  public var name: String { row.name }
  /// The versions that hbcat can read and write.
  public var versions: ClosedRange<Int16> { row.versions }
  /// The versions that hbcat sends: all but those that Kafka calls unstable.
  public var stableVersions: ClosedRange<Int16> {
    row.versions.lowerBound...min(row.versions.upperBound, row.unstableSince - 1)
  }
  /// True where `version` has compact lengths and tagged fields (KIP-482).
  public func isFlexible(_ version: Int16) -> Bool { version >= row.flexibleSince }
  /// True where the response's header has a tag section; that of ApiVersions never has (KIP-511).
  func responseHeaderHasTags(_ version: Int16) -> Bool {
    self != .apiVersions && isFlexible(version)
  }
}
