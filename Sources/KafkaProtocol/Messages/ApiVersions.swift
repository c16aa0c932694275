/// Asks which versions of which APIs the broker speaks (key 18).
///
/// KIP-35, KIP-511.
public struct ApiVersionsRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.apiVersions
  /// What answers it.
  public typealias Response = ApiVersionsResponse

  /// The client's name, of `[A-Za-z0-9.-]`.
  public var clientSoftwareName = ""
  /// The client's version, of `[A-Za-z0-9.-]`.
  public var clientSoftwareVersion = ""

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&clientSoftwareName, since: 3, ignorable: true)
    try wire.string(&clientSoftwareVersion, since: 3, ignorable: true)
  }
}

/// The versions of each API that the broker speaks.
public struct ApiVersionsResponse: WireStruct {
  /// `unsupportedVersion` comes in a body of version 0 (KIP-511).
  public var errorCode = ErrorCode.none
  /// What the broker speaks.
  public var apiKeys: [APIVersion] = []
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// The features that the broker supports (KIP-584).
  public var supportedFeatures: [SupportedFeature] = []
  /// Rises with each change of the finalized features; −1 if unknown.
  public var finalizedFeaturesEpoch: Int64 = -1
  /// The features that the cluster has agreed on (KIP-584).
  public var finalizedFeatures: [FinalizedFeature] = []
  /// True if the broker is ready to leave ZooKeeper (KIP-866).
  public var zkMigrationReady = false

  /// One API's range of versions.
  public struct APIVersion: WireStruct {
    /// Kafka's key of the API.
    public var apiKey: Int16 = 0
    /// The oldest version.
    public var minVersion: Int16 = 0
    /// The newest version.
    public var maxVersion: Int16 = 0

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int16(&apiKey)
      try wire.int16(&minVersion)
      try wire.int16(&maxVersion)
    }
  }

  /// A feature's range of levels (KIP-584).
  public struct SupportedFeature: WireStruct {
    /// The feature's name.
    public var name = ""
    /// The lowest level.
    public var minVersion: Int16 = 0
    /// The highest level.
    public var maxVersion: Int16 = 0

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name, since: 3)
      try wire.int16(&minVersion, since: 3)
      try wire.int16(&maxVersion, since: 3)
    }
  }

  /// The levels of a feature that the whole cluster has agreed on (KIP-584).
  public struct FinalizedFeature: WireStruct {
    /// The feature's name.
    public var name = ""
    /// The highest level.
    public var maxVersionLevel: Int16 = 0
    /// The lowest level.
    public var minVersionLevel: Int16 = 0

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name, since: 3)
      try wire.int16(&maxVersionLevel, since: 3)
      try wire.int16(&minVersionLevel, since: 3)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.errorCode(&errorCode)
    try wire.structs(&apiKeys)
    try wire.int32(&throttleTimeMs, since: 1, ignorable: true)
    try wire.tagged(0, since: 3, omit: supportedFeatures.isEmpty, ignorable: true) {
      (wire) throws(WireError) in try wire.structs(&supportedFeatures)
    }
    try wire.tagged(1, since: 3, omit: finalizedFeaturesEpoch == -1, ignorable: true) {
      (wire) throws(WireError) in try wire.int64(&finalizedFeaturesEpoch)
    }
    try wire.tagged(2, since: 3, omit: finalizedFeatures.isEmpty, ignorable: true) {
      (wire) throws(WireError) in try wire.structs(&finalizedFeatures)
    }
    try wire.tagged(3, since: 3, omit: zkMigrationReady == false, ignorable: true) {
      (wire) throws(WireError) in try wire.bool(&zkMigrationReady)
    }
  }
}
