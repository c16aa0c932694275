import Healthbot

/// Where alarms go: all to one cluster, or as Healthbot's configuration says.
enum AlarmRoutes {
  /// To the brokers of the command line.
  case direct(topic: TopicName?, sanitizes: Bool)
  case configured(Routing)

  /// What the one way is called that has no configuration.
  static let directName = "kafka"

  /// An alarm's ways, and whether its first `normal` is news to nobody.
  /// - Throws: `RoutingError`, or `TopicNameError` where there is no configuration.
  func routes(of alarm: Alarm) throws -> (routes: [Route], suppressesInitialNormal: Bool) {
    switch self {
    case .direct(let fixed, let sanitizes):
      let topic = try fixed ?? TopicName(for: alarm, sanitizes: sanitizes)
      let destination = KafkaDestination(cluster: 0, topic: topic, key: nil)
      return ([Route(notification: Self.directName, destination: .kafka(destination))], true)
    case .configured(let routing):
      let group = try routing.group(of: alarm)
      return (routing.routes(of: alarm, in: group), group.suppressesInitialNormal)
    }
  }

  /// The cluster to which a notification publishes.
  func cluster(of notification: String) -> Int? {
    switch self {
    case .direct: notification == Self.directName ? 0 : nil
    case .configured(let routing): routing.cluster(of: notification)
    }
  }

  /// Whether alarms may go to a notification of that name.
  func isKnown(_ notification: String) -> Bool {
    switch self {
    case .direct: notification == Self.directName
    case .configured(let routing): routing.notification(notification) != nil
    }
  }

  /// The place on the web that a notification names, of one of its ways.
  func webDestination(of notification: String, by way: SpoolEntry.Way) -> WebDestination? {
    guard case .configured(let routing) = self, let found = routing.notification(notification)
    else { return nil }
    let place: WebDestination.Way? =
      switch way {
      case .kafka: nil
      case .webhook: found.webhook.map { .webhook($0) }
      case .slack: found.slack.map { .slack($0) }
      case .teams: found.teams.map { .teams($0) }
      case .mail:
        found.emails.flatMap { mail in mail.server.map { .mail(ids: mail.ids, server: $0) } }
      }
    return place.map { WebDestination(notification: notification, way: $0) }
  }

  /// Whether an alarm must name a device to be read at all; a configuration decides it by the group.
  var needsDevice: Bool {
    if case .direct = self { return true }
    return false
  }
}
