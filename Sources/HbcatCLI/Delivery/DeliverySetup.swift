import HTTP
import Healthbot
import KafkaClient

/// Makes what alarms are delivered by: the configuration read and checked, a client for each cluster.
struct DeliverySetup {
  /// The clients of a cluster.
  struct Cluster {
    var name: String
    var client: ClientConfiguration
    var producer: ProducerConfiguration
    var consumer: ConsumerConfiguration
  }

  /// How long a record waits for its delivery where there is a spool, in milliseconds; the user's own
  /// message.timeout.ms holds.
  private static let spooledTimeoutMs = "30000"

  let plan: DeliveryPlan
  let messages: Messages

  /// The configuration of the files; nil where it has errors, which have been said.
  func configuration() -> HealthbotConfiguration? {
    var reader = ConfigurationReader()
    for path in plan.configFiles {
      switch Surroundings.process.readFile(path) {
      case .success(let bytes):
        bytes.withUnsafeBytes { reader.read($0, file: path.description) }
      case .failure(let error):
        messages.fatal("Failed to open \(path): \(error.description)")
        return nil
      }
    }
    let (configuration, issues) = reader.finish()
    for issue in issues {
      if issue.isWarning { messages.info(1, "\(issue)") } else { messages.fatal("\(issue)") }
    }
    let areSound = checkProperties(configuration)
    return issues.contains { !$0.isWarning } || !areSound ? nil : configuration
  }

  /// Says which of the notifications' properties are none, or have values that they do not take.
  private func checkProperties(_ configuration: HealthbotConfiguration) -> Bool {
    var areSound = true
    for (_, notification) in configuration.notifications.sorted(by: { $0.key < $1.key }) {
      var set = PropertySet()
      for property in notification.kafka?.properties ?? [] {
        do throws(PropertyError) {
          try set.set(property.name, property.value.text)
        } catch {
          areSound = false
          let hint = error.hint.map { " (\($0))" } ?? ""
          messages.fatal("\(property.place): kafka-publish: properties: \(error)\(hint)")
        }
      }
    }
    return areSound
  }

  /// The clients of all clusters to which alarms go.
  /// - Throws: `PropertyError` where there is no configuration; of one it is said, with its place.
  func clusters(of routes: AlarmRoutes) throws(PropertyError) -> [Cluster]? {
    switch routes {
    case .direct:
      return try cluster(AlarmRoutes.directName, plan.client).map { [$0] }
    case .configured(let routing):
      var clusters: [Cluster] = []
      for cluster in routing.clusters {
        do throws(PropertyError) {
          guard let made = try self.cluster(cluster.notification, client(of: cluster.publish))
          else { return nil }
          clusters.append(made)
        } catch {
          messages.fatal("notification \(cluster.notification): kafka-publish: \(error)")
          return nil
        }
      }
      return clusters
    }
  }

  private func cluster(
    _ name: String, _ client: ClientPlan
  ) throws(PropertyError) -> Cluster? {
    var client = client
    if plan.spoolFolder != nil, client.value(of: "message.timeout.ms", "delivery.timeout.ms") == nil
    {
      client.properties.append(
        PropertySetting(name: "message.timeout.ms", value: Self.spooledTimeoutMs))
    }
    let properties = try properties(of: client, .producer, messages, false)
    let producer = try properties.producer
    if let id = producer.transactionalId {
      messages.fatal(
        "transactional.id=\(id): notify publishes each alarm at once, a transaction would hold it "
          + "back; leave transactional.id out")
      return nil
    }
    return Cluster(
      name: name, client: try properties.client, producer: producer,
      consumer: try properties.consumer)
  }

  /// The client of `kafka-publish`: what the command line says for all, then what the notification says.
  private func client(of publish: KafkaPublish) -> ClientPlan {
    var client = plan.client
    func set(_ name: String, _ value: String) {
      client.properties.append(PropertySetting(name: name, value: value))
    }
    set("bootstrap.servers", publish.bootstrapServers.joined(separator: ","))
    if let sasl = publish.sasl {
      set("security.protocol", sasl.credentials == nil ? "ssl" : "sasl_ssl")
      if let certificate = sasl.certificate { set("ssl.ca.location", certificate) }
      if let credentials = sasl.credentials {
        set("sasl.mechanisms", "PLAIN")
        set("sasl.username", credentials.username)
        set("sasl.password", credentials.password.text)
      }
    }
    for property in publish.properties { set(property.name, property.value.text) }
    return client
  }
}

extension DeliverySetup {
  /// How webhooks, chat and mail servers are spoken to.
  var webSettings: WebSettings {
    var settings = WebSettings()
    settings.allowsPlainText = plan.allowsPlainText
    settings.workersMax = plan.inFlightMax
    if let file = plan.webAuthority { settings.authorities = .path(file.description) }
    return settings
  }

  /// Where alarms go; nil where the configuration has errors, which have been said.
  func routes() -> AlarmRoutes? {
    guard !plan.configFiles.isEmpty else {
      return .direct(topic: plan.topic, sanitizes: plan.sanitizes)
    }
    return configuration().map {
      .configured(Routing($0, topic: plan.topic, sanitizes: plan.sanitizes))
    }
  }

  /// What is remembered of alarms; nil where nothing is to be.
  func memory(
    isStream: Bool, _ routes: AlarmRoutes, isReadOnly: Bool = false
  ) throws(DurableFile.Failure) -> AlarmMemory? {
    var isKept = plan.stateFile != nil || plan.transitions.onlyChanges
    if case .configured = routes, isStream { isKept = true }
    guard isKept else { return nil }
    return try AlarmMemory(
      plan.transitions, file: plan.stateFile?.description, isReadOnly: isReadOnly
    ) { broken in
      messages.info(
        1, "\(plan.stateFile?.description ?? ""): \(broken) lines are no state of an alarm")
    }
  }
}
