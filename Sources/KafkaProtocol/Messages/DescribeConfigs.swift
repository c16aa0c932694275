/// Asks for the settings of topics, brokers and the like (key 32).
///
/// KIP-133, KIP-226, KIP-569.
public struct DescribeConfigsRequest: KafkaRequest {
  /// Kafka's key of the API.
  public static let api = APIKey.describeConfigs
  /// What answers it.
  public typealias Response = DescribeConfigsResponse

  /// Whose settings are asked for.
  public var resources: [Resource] = []
  /// True to be told of the values that a setting hides.
  public var includeSynonyms = false
  /// True to be told what the settings mean.
  public var includeDocumentation = false

  /// Something that has settings.
  public struct Resource: WireStruct {
    /// What it is: 2 topic, 4 broker, 8 broker's loggers, 16 client metrics, 32 group.
    public var resourceType: Int8 = 0
    /// Its name; a broker's is its id.
    public var resourceName = ""
    /// The names of the settings; nil asks for all.
    public var configurationKeys: [String]?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.int8(&resourceType)
      try wire.string(&resourceName)
      try wire.nullableStrings(&configurationKeys)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.structs(&resources)
    try wire.bool(&includeSynonyms, since: 1)
    try wire.bool(&includeDocumentation, since: 3)
  }
}

/// The settings of what was asked for.
public struct DescribeConfigsResponse: WireStruct {
  /// Milliseconds for which the client should send nothing more (KIP-219).
  public var throttleTimeMs: Int32 = 0
  /// One for each resource.
  public var results: [Result] = []

  /// The settings of one resource.
  public struct Result: WireStruct {
    /// Why they are not told; `none` if they are.
    public var errorCode = ErrorCode.none
    /// The broker's words about the error, or nil.
    public var errorMessage: String?
    /// What it is, as in the request.
    public var resourceType: Int8 = 0
    /// Its name, as in the request.
    public var resourceName = ""
    /// Its settings.
    public var configs: [Config] = []

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.errorCode(&errorCode)
      try wire.nullableString(&errorMessage)
      try wire.int8(&resourceType)
      try wire.string(&resourceName)
      try wire.structs(&configs)
    }
  }

  /// One setting.
  public struct Config: WireStruct {
    /// The setting's name.
    public var name = ""
    /// The setting's value; nil if there is none, or it is secret.
    public var value: String?
    /// True if it cannot be changed while the broker runs.
    public var readOnly = false
    /// True if it is not set; version 0 says it in place of `configSource`.
    public var isDefault = false
    /// Where it comes from: 1 topic, 2 to 4 broker, 5 default; −1 if unknown.
    public var configSource: Int8 = -1
    /// True if its value is secret.
    public var isSensitive = false
    /// The values that it hides, and itself, the strongest first.
    public var synonyms: [Synonym] = []
    /// What kind of value it is, such as 1 for a boolean; 0 if unknown.
    public var configType: Int8 = 0
    /// What it means, or nil.
    public var documentation: String?

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name)
      try wire.nullableString(&value)
      try wire.bool(&readOnly)
      try wire.bool(&isDefault, until: 0)
      try wire.int8(&configSource, since: 1, default: -1, ignorable: true)
      try wire.bool(&isSensitive)
      try wire.structs(&synonyms, since: 1, ignorable: true)
      try wire.int8(&configType, since: 3, ignorable: true)
      try wire.nullableString(&documentation, since: 3, ignorable: true)
    }
  }

  /// A value that a setting has or hides.
  public struct Synonym: WireStruct {
    /// The name under which it is set.
    public var name = ""
    /// The value; nil if there is none, or it is secret.
    public var value: String?
    /// Where it comes from, as in `Config`.
    public var source: Int8 = 0

    /// Makes one with Kafka's defaults.
    public init() {}
    /// Visits the fields in the order of the wire.
    public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
      try wire.string(&name, since: 1)
      try wire.nullableString(&value, since: 1)
      try wire.int8(&source, since: 1)
    }
  }

  /// Makes one with Kafka's defaults.
  public init() {}
  /// Visits the fields in the order of the wire.
  public mutating func code(_ wire: inout some WireCoder) throws(WireError) {
    try wire.int32(&throttleTimeMs)
    try wire.structs(&results)
  }
}
