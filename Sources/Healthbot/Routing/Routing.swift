/// Decides where an alarm goes: by its group and its severity.
public struct Routing: Sendable {
  /// The clusters that Kafka routes go to.
  public let clusters: [KafkaCluster]
  private let configuration: HealthbotConfiguration
  /// The place in `clusters`, by notification.
  private let clusterIndexes: [String: Int]
  private let sanitizes: Bool
  private let topic: TopicName?

  /// Makes a routing of a configuration that has no errors.
  ///
  /// `topic` is Kafka's topic where a notification names none; nil for topics named after the alarms,
  /// in which `sanitizes` replaces what Kafka refuses.
  public init(
    _ configuration: HealthbotConfiguration, topic: TopicName? = nil, sanitizes: Bool = false
  ) {
    self.configuration = configuration
    self.topic = topic
    self.sanitizes = sanitizes
    var clusters: [KafkaCluster] = []
    var indexes: [String: Int] = [:]
    for (name, notification) in configuration.notifications.sorted(by: { $0.key < $1.key }) {
      guard let publish = notification.kafka else { continue }
      if let at = clusters.firstIndex(where: { $0.isServed(by: publish) }) {
        indexes[name] = at
      } else {
        indexes[name] = clusters.count
        clusters.append(KafkaCluster(notification: name, publish: publish))
      }
    }
    self.clusters = clusters
    clusterIndexes = indexes
  }

  /// The place in `clusters` to which a notification publishes; nil where it does not.
  public func cluster(of notification: String) -> Int? { clusterIndexes[notification] }

  /// A notification by its name.
  public func notification(_ name: String) -> NotificationConfiguration? {
    configuration.notifications[name]
  }

  /// The group that an alarm belongs to.
  ///
  /// A name may serve both kinds: then an alarm with a device is the device group's, one without the
  /// network group's.
  /// - Throws: `RoutingError` where there is none, or it is a device group and no device is named.
  public func group(of alarm: Alarm) throws(RoutingError) -> AlarmGroup {
    let device = configuration.deviceGroups[alarm.group]
    let network = configuration.networkGroups[alarm.group]
    if let group = alarm.deviceID == nil ? network : device ?? network { return group }
    guard device == nil else { throw .noDevice(group: alarm.group) }
    let names = Set(configuration.deviceGroups.keys).union(configuration.networkGroups.keys)
    throw .unknownGroup(
      alarm.group, nearest: NearestName.of(alarm.group, among: names.sorted()))
  }

  /// Where an alarm goes, in the configuration's order; nowhere where its severity is not listed.
  /// - Throws: `RoutingError` as `group(of:)` does.
  public func routes(of alarm: Alarm) throws(RoutingError) -> [Route] {
    routes(of: alarm, in: try group(of: alarm))
  }

  /// A way to Kafka, as far as it is the same for all alarms of a group and a severity.
  public struct KafkaWay: Hashable, Sendable {
    /// The notification's name.
    public let notification: String
    /// The cluster's place in `clusters`.
    public let cluster: Int
    /// The topic; nil where each alarm's is named after it.
    public let topic: TopicName?
    /// Whether the record's key is the alarm's identity.
    public let hasKey: Bool

    /// Makes a way.
    public init(notification: String, cluster: Int, topic: TopicName?, hasKey: Bool) {
      self.notification = notification
      self.cluster = cluster
      self.topic = topic
      self.hasKey = hasKey
    }
  }

  /// Where the alarms of a group that name a device go; nil where it is not Kafka alone, or not known.
  public func kafkaWays(
    group name: String, _ severity: Alarm.Severity
  ) -> (ways: [KafkaWay], suppressesInitialNormal: Bool)? {
    guard let group = configuration.deviceGroups[name] ?? configuration.networkGroups[name] else {
      return nil
    }
    var ways: [KafkaWay] = []
    for name in group.notifications[severity] ?? [] {
      guard let notification = configuration.notifications[name], let publish = notification.kafka,
        notification.isKafkaAlone, let cluster = clusterIndexes[name]
      else { return nil }
      ways.append(
        KafkaWay(
          notification: name, cluster: cluster, topic: publish.topic ?? topic,
          hasKey: publish.usesHashPartitioner))
    }
    return (ways, group.suppressesInitialNormal)
  }

  /// Where an alarm goes whose group is known.
  public func routes(of alarm: Alarm, in group: AlarmGroup) -> [Route] {
    var routes: [Route] = []
    for name in group.notifications[alarm.severity] ?? [] {
      guard let notification = configuration.notifications[name] else { continue }
      for destination in destinations(notification, alarm) {
        routes.append(Route(notification: name, destination: destination))
      }
    }
    return routes
  }

  private func destinations(_ notification: NotificationConfiguration, _ alarm: Alarm)
    -> [Route.Destination]
  {
    let name = notification.name
    var all: [Route.Destination] = []
    if let publish = notification.kafka { all.append(kafka(publish, name, alarm)) }
    if let webhook = notification.webhook { all.append(.webhook(webhook)) }
    if let slack = notification.slack { all.append(.slack(slack)) }
    if let teams = notification.teams { all.append(.teams(teams)) }
    if let emails = notification.emails, emails.takes(alarm) {
      if let server = emails.server {
        all.append(.mail(ids: emails.ids, server: server))
      } else {
        all.append(
          impossible(
            name,
            "emails: no server is known; give the notification a map "
              + "hbcat: {server: HOST, sender: ADDRESS}"))
      }
    }
    if let amqp = notification.amqp {
      all.append(
        impossible(
          name,
          "amqp-publish to \(shown(amqp.host, limit: 80)): hbcat speaks no AMQP; route the group to "
            + "another notification"))
    }
    return all
  }

  private func kafka(_ publish: KafkaPublish, _ name: String, _ alarm: Alarm) -> Route.Destination {
    do throws(TopicNameError) {
      let topic =
        if let fixed = publish.topic ?? topic { fixed } else {
          try TopicName(for: alarm, sanitizes: sanitizes)
        }
      return .kafka(
        KafkaDestination(
          cluster: clusterIndexes[name] ?? 0, topic: topic,
          key: publish.usesHashPartitioner ? AlarmIdentity(of: alarm).bytes : nil))
    } catch {
      return impossible(name, "\(error)")
    }
  }

  private func impossible(_ name: String, _ text: String) -> Route.Destination {
    .impossible(RouteProblem(description: "notification \(shown(name, limit: 80)): \(text)"))
  }
}
