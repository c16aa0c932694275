/// Where alarms go: a `notification` of Healthbot's configuration.
public struct NotificationConfiguration: Sendable {
  /// `notification-name`.
  public let name: String
  /// Where it stands.
  public let place: ConfigPlace
  /// `description`; empty where there is none.
  public internal(set) var text = ""
  /// `kafka-publish`.
  public internal(set) var kafka: KafkaPublish?
  /// `http-post`.
  public internal(set) var webhook: HTTPPost?
  /// `slack`.
  public internal(set) var slack: SlackChannel?
  /// `microsoft-teams`.
  public internal(set) var teams: TeamsChannel?
  /// `emails`.
  public internal(set) var emails: Emails?
  /// `amqp-publish`, which hbcat reads and does not serve.
  public internal(set) var amqp: AMQPPublish?

  /// Whether alarms go to Kafka and nowhere else.
  var isKafkaAlone: Bool {
    kafka != nil && webhook == nil && slack == nil && teams == nil && emails == nil && amqp == nil
  }

  init(name: String, place: ConfigPlace) {
    self.name = name
    self.place = place
  }
}

/// A name and a value that stand under `properties`, with their place.
public struct ConfigProperty: Sendable {
  /// The name, as hbcat's `-X` takes it.
  public let name: String
  /// The value.
  public let value: ConfigSecret
  /// Where it stands.
  public let place: ConfigPlace
}

/// `kafka-publish`: a topic of a Kafka cluster.
public struct KafkaPublish: Sendable {
  /// `sasl`: SASL over TLS.
  public struct SASL: Hashable, Sendable {
    /// `username` and `password`; nil where TLS alone is meant.
    public internal(set) var credentials: Credentials?
    /// `certificate`: the file of the authorities that vouch for the brokers; nil for the system's.
    public internal(set) var certificate: String?
  }

  /// `bootstrap-servers`, each `host` or `host:port`; an item's comma list is taken apart.
  public internal(set) var bootstrapServers: [String] = []
  /// `topic`; nil where the topic is named after the alarm.
  public internal(set) var topic: TopicName?
  /// `use-hash-partitioner`: records have the alarm's identity as their key.
  public internal(set) var usesHashPartitioner = false
  /// `sasl`; nil where the connection is plain, as far as `properties` do not say otherwise.
  public internal(set) var sasl: SASL?
  /// `properties`, hbcat's own addition, in the file's order.
  public internal(set) var properties: [ConfigProperty] = []
}

/// A user and a password.
public struct Credentials: Hashable, Sendable {
  /// `username`.
  public let username: String
  /// `password`.
  public let password: ConfigSecret
}

/// `http-post`: a webhook that gets the alarm line.
public struct HTTPPost: Hashable, Sendable {
  /// `url`.
  public let url: ChannelURL
  /// `basic`: the credentials of HTTP's basic authentication.
  public internal(set) var basic: Credentials?
}

/// `slack`: an incoming webhook of Slack.
public struct SlackChannel: Hashable, Sendable {
  /// `url`.
  public let url: ChannelURL
  /// `channel`.
  public let channel: String
}

/// `microsoft-teams`: a workflow's webhook.
public struct TeamsChannel: Hashable, Sendable {
  /// `channel`, which is the webhook's address.
  public let url: ChannelURL
}

/// `emails`: mail, by a server that the `hbcat` map beside it names.
public struct Emails: Hashable, Sendable {
  /// `hbcat`: who takes the mail, and from whom it comes.
  public struct Server: Hashable, Sendable {
    /// `server`: `host`, `host:port`, `smtp://…` or `smtps://…`.
    public let address: String
    /// `sender`: the address that the mail comes from.
    public let sender: String
    /// `username` and `password`.
    public internal(set) var credentials: Credentials?
  }

  /// `ids`: the addresses.
  public internal(set) var ids: [String] = []
  /// `filter`: the rules whose alarms are mailed, `rule` or `topic/rule`; empty for all.
  public internal(set) var rules: [String] = []
  /// The server; nil where the configuration names none.
  public internal(set) var server: Server?

  /// Whether an alarm passes the filter.
  public func takes(_ alarm: Alarm) -> Bool {
    rules.isEmpty || rules.contains(alarm.rule) || rules.contains("\(alarm.topic)/\(alarm.rule)")
  }
}

/// `amqp-publish`: read so that an exported configuration is whole; hbcat speaks no AMQP.
public struct AMQPPublish: Hashable, Sendable {
  /// `host`.
  public let host: String
  /// `port`.
  public let port: Int
  /// `exchange`.
  public let exchange: String
}
