/// Asks which versions of which APIs the broker speaks (key 18). KIP-35, KIP-511.
public struct ApiVersionsRequest: KafkaRequest {
  public static let api = APIKey.apiVersions
  public typealias Response = ApiVersionsResponse

  /// The client's name, of `[A-Za-z0-9.-]`.
  public var clientSoftwareName = ""
  /// The client's version, of `[A-Za-z0-9.-]`.
  public var clientSoftwareVersion = ""

  public init() {}
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.string(&clientSoftwareName, since: 3, ignorable: true)
    try wire.string(&clientSoftwareVersion, since: 3, ignorable: true)
  }
}

/// The versions of each API that the broker speaks.
public struct ApiVersionsResponse: WireStruct {
  /// `unsupportedVersion` comes in a body of version 0 (KIP-511).
  public var errorCode = ErrorCode.none
  public var apiKeys: [APIVersion] = []
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  public var supportedFeatures: [SupportedFeature] = []
  /// −1 if unknown.
  public var finalizedFeaturesEpoch: Int64 = -1
  public var finalizedFeatures: [FinalizedFeature] = []
  public var zkMigrationReady = false

  /// One API's range of versions.
  public struct APIVersion: WireStruct {
    public var apiKey: Int16 = 0
    public var minVersion: Int16 = 0
    public var maxVersion: Int16 = 0
    public init() {}
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int16(&apiKey)
      try wire.int16(&minVersion)
      try wire.int16(&maxVersion)
    }
  }

  /// A feature's range of levels (KIP-584).
  public struct SupportedFeature: WireStruct {
    public var name = ""
    public var minVersion: Int16 = 0
    public var maxVersion: Int16 = 0
    public init() {}
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
      try wire.int16(&minVersion)
      try wire.int16(&maxVersion)
    }
  }

  /// The levels of a feature that the whole cluster has agreed on (KIP-584).
  public struct FinalizedFeature: WireStruct {
    public var name = ""
    public var maxVersionLevel: Int16 = 0
    public var minVersionLevel: Int16 = 0
    public init() {}
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
      try wire.int16(&maxVersionLevel)
      try wire.int16(&minVersionLevel)
    }
  }

  public init() {}
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
    try wire.tagged(3, since: 3, omit: !zkMigrationReady, ignorable: true) {
      (wire) throws(WireError) in try wire.bool(&zkMigrationReady)
    }
  }
}
