/// One place that an alarm goes to.
public struct Route: Sendable {
  /// A way to deliver.
  public enum Destination: Sendable {
    /// A record in a topic.
    case kafka(KafkaDestination)
    /// The alarm line, posted.
    case webhook(HTTPPost)
    /// A message in Slack.
    case slack(SlackChannel)
    /// A card in Teams.
    case teams(TeamsChannel)
    /// A mail to each of `ids`, by a server.
    case mail(ids: [String], server: Emails.Server)
    /// Nothing can be sent there, and why.
    case impossible(RouteProblem)
  }

  /// The notification's name.
  public let notification: String
  /// Where to and how.
  public let destination: Destination

  /// Makes a route.
  public init(notification: String, destination: Destination) {
    self.notification = notification
    self.destination = destination
  }
}

/// A record that an alarm becomes.
public struct KafkaDestination: Hashable, Sendable {
  /// The cluster's place in `Routing.clusters`.
  public let cluster: Int
  /// The topic.
  public let topic: TopicName
  /// The record's key: the alarm's identity where Healthbot's hash partitioner is used; nil for none.
  public let key: [UInt8]?

  /// Makes a destination.
  public init(cluster: Int, topic: TopicName, key: [UInt8]?) {
    self.cluster = cluster
    self.topic = topic
    self.key = key
  }
}

/// A cluster that alarms go to: one producer serves all notifications that name it alike.
public struct KafkaCluster: Sendable {
  /// The notification that named it first.
  public let notification: String
  /// Servers, SASL and properties; topic and partitioner are each route's.
  public let publish: KafkaPublish

  /// Whether two notifications mean the same producer.
  func isServed(by other: KafkaPublish) -> Bool {
    publish.bootstrapServers == other.bootstrapServers && publish.sasl == other.sasl
      && publish.properties.elementsEqual(other.properties) {
        $0.name == $1.name && $0.value == $1.value
      }
  }
}

/// Why one of an alarm's routes leads nowhere; the others are not concerned.
public struct RouteProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The notification, what is wrong, and the way out.
  public let description: String
}

/// Why an alarm has no routes.
public enum RoutingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No group has this name.
  case unknownGroup(String, nearest: String?)
  /// A device group's alarm names no device.
  case noDevice(group: String)

  /// The thing, the value, the way out.
  public var description: String {
    switch self {
    case .unknownGroup(let name, let nearest):
      "there is no device group or network group \(shown(name, limit: 80))"
        + (nearest.map { "; did you mean \(shown($0, limit: 80))?" } ?? "")
    case .noDevice(let group):
      "device group \(shown(group, limit: 80)): its alarms need a device-id; only a network group's "
        + "may be without"
    }
  }
}
