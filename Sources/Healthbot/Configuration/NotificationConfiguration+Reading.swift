extension NotificationConfiguration {
  /// Reads a notification; nil where it is no map.
  init?(_ node: ConfigNode, name: ConfigText, _ issues: inout ConfigIssues) {
    let what = "notification \(shown(name.value, limit: 80))"
    let countBefore = issues.count
    guard
      let fields = ConfigFields(
        node, what,
        known: [
          "notification-name", "description", "kafka-publish", "http-post", "slack",
          "microsoft-teams", "emails", "amqp-publish", "hbcat",
        ], &issues)
    else { return nil }
    self.init(name: name.value, place: name.place)
    let hasUnknownKey = issues.count > countBefore
    issues.check(name, "notification-name", .notification)
    text = fields.string("description", &issues)?.value ?? ""
    kafka = fields["kafka-publish"].flatMap { KafkaPublish($0, what, &issues) }
    webhook = fields["http-post"].flatMap { HTTPPost($0, what, &issues) }
    slack = fields["slack"].flatMap { SlackChannel($0, what, &issues) }
    teams = fields["microsoft-teams"].flatMap { TeamsChannel($0, what, &issues) }
    emails = fields["emails"].flatMap { Emails($0, what, &issues) }
    amqp = fields["amqp-publish"].flatMap { AMQPPublish($0, what, &issues) }
    if let addition = fields["hbcat"] {
      if fields["emails"] == nil {
        issues.error(addition.place, "\(what): hbcat says how mail is sent, but there is no emails")
      }
      emails?.server = Emails.Server(addition, what, &issues)
    }
    let channels = [
      "kafka-publish", "http-post", "slack", "microsoft-teams", "emails", "amqp-publish",
    ]
    if !hasUnknownKey, !channels.contains(where: { fields[$0] != nil }) {
      issues.error(
        name.place, "\(what) goes nowhere; give it one of \(channels.joined(separator: ", "))")
    }
  }
}

extension Credentials {
  /// The `username` and `password` of a map; nil where there is neither, or one only.
  init?(_ fields: ConfigFields, isRequired: Bool = false, _ issues: inout ConfigIssues) {
    guard isRequired || fields["username"] != nil || fields["password"] != nil else { return nil }
    let username = fields.requiredString("username", &issues)
    if fields["password"] == nil {
      issues.error(fields.place, "\(fields.what): password is missing")
    }
    guard let username, let password = fields.secret("password", &issues) else { return nil }
    self.init(username: username.value, password: password)
  }
}

extension KafkaPublish {
  init?(_ node: ConfigNode, _ owner: String, _ issues: inout ConfigIssues) {
    let what = "\(owner): kafka-publish"
    guard
      let fields = ConfigFields(
        node, what,
        known: ["bootstrap-servers", "topic", "use-hash-partitioner", "sasl", "properties"],
        &issues)
    else { return nil }
    self.init()
    let countBefore = issues.count
    for item in fields.strings("bootstrap-servers", &issues) {
      let servers = item.value.split(separator: ",").map { $0.trimmingSpaces }
      bootstrapServers += servers.filter { !$0.isEmpty }.map(String.init)
    }
    if bootstrapServers.isEmpty, issues.count == countBefore {
      issues.error(
        fields["bootstrap-servers"]?.place ?? fields.place,
        "\(what): bootstrap-servers names no server; give it a list of host:port")
    }
    if let text = fields.string("topic", &issues) {
      do throws(TopicNameError) {
        topic = try TopicName(text.value)
        issues.check(text, "\(what): topic", .topic)
      } catch {
        issues.error(text.place, "\(what): \(error)")
      }
    }
    usesHashPartitioner = fields.bool("use-hash-partitioner", &issues)
    sasl = fields["sasl"].flatMap { SASL($0, what, &issues) }
    readProperties(fields["properties"], what, &issues)
  }

  private mutating func readProperties(
    _ node: ConfigNode?, _ what: String, _ issues: inout ConfigIssues
  ) {
    guard let node else { return }
    guard case .mapping(let entries) = node.content else {
      issues.error(node.place, "\(what): properties must be a map, not \(node.kind)")
      return
    }
    for entry in entries {
      let value: String
      switch entry.value.content {
      case .string(let text), .number(let text): value = text
      case .bool(let isOn): value = "\(isOn)"
      case .mapping, .sequence, .null:
        issues.error(
          entry.value.place,
          "\(what): properties: \(shown(entry.name, limit: 80)) must be a text, a number or a "
            + "boolean, not \(entry.value.kind)")
        continue
      }
      let text = ConfigText(value: value, place: entry.value.place)
      let name = "\(what): properties: \(shown(entry.name, limit: 80))"
      if let secret = issues.secret(text, name) {
        properties.append(ConfigProperty(name: entry.name, value: secret, place: entry.place))
      }
    }
  }
}

extension KafkaPublish.SASL {
  fileprivate init?(_ node: ConfigNode, _ owner: String, _ issues: inout ConfigIssues) {
    let what = "\(owner): sasl"
    guard
      let fields = ConfigFields(
        node, what, known: ["username", "password", "certificate"], &issues)
    else { return nil }
    self.init()
    credentials = Credentials(fields, &issues)
    if let text = fields.string("certificate", &issues) {
      issues.check(text, "\(what): certificate", .certificate)
      certificate = text.value
    }
  }
}

extension ConfigFields {
  /// A webhook's address, which must be there.
  fileprivate func url(_ name: String, _ rule: NameRule?, _ issues: inout ConfigIssues)
    -> ChannelURL?
  {
    guard let text = requiredString(name, &issues),
      issues.secret(text, "\(what): \(name)") != nil
    else { return nil }
    do throws(ChannelURLError) {
      let url = try ChannelURL(text.value)
      // The pattern is checked without showing the address, which is a secret.
      if let rule, let broken = rule.broken(by: text.value) {
        issues.warning(text.place, "\(what): \(name) \(url): \(broken)")
      }
      return url
    } catch {
      issues.error(text.place, "\(what): \(name): \(error)")
      return nil
    }
  }
}

extension HTTPPost {
  fileprivate init?(_ node: ConfigNode, _ owner: String, _ issues: inout ConfigIssues) {
    let what = "\(owner): http-post"
    guard let fields = ConfigFields(node, what, known: ["url", "basic"], &issues),
      let url = fields.url("url", nil, &issues)
    else { return nil }
    self.init(url: url)
    guard let basic = fields["basic"],
      let inner = ConfigFields(basic, "\(what): basic", known: ["username", "password"], &issues)
    else { return }
    self.basic = Credentials(inner, isRequired: true, &issues)
  }
}

extension SlackChannel {
  fileprivate init?(_ node: ConfigNode, _ owner: String, _ issues: inout ConfigIssues) {
    let what = "\(owner): slack"
    guard let fields = ConfigFields(node, what, known: ["url", "channel"], &issues) else {
      return nil
    }
    let url = fields.url("url", .slackURL, &issues)
    let channel = fields.requiredString("channel", &issues)
    guard let url, let channel else { return nil }
    self.init(url: url, channel: channel.value)
  }
}

extension TeamsChannel {
  fileprivate init?(_ node: ConfigNode, _ owner: String, _ issues: inout ConfigIssues) {
    let what = "\(owner): microsoft-teams"
    guard let fields = ConfigFields(node, what, known: ["channel"], &issues),
      let url = fields.url("channel", .teamsURL, &issues)
    else { return nil }
    self.init(url: url)
  }
}

extension Emails {
  fileprivate init?(_ node: ConfigNode, _ owner: String, _ issues: inout ConfigIssues) {
    let what = "\(owner): emails"
    guard let fields = ConfigFields(node, what, known: ["ids", "filter"], &issues) else {
      return nil
    }
    self.init()
    let countBefore = issues.count
    for id in fields.strings("ids", &issues) {
      guard MailAddress.isSound(id.value) else {
        issues.error(id.place, "\(what): \(shown(id.value, limit: 80)) is no mail address")
        continue
      }
      issues.check(id, "\(what): address", .email)
      ids.append(id.value)
    }
    if ids.isEmpty, issues.count == countBefore {
      issues.error(fields["ids"]?.place ?? fields.place, "\(what): ids names no address")
    }
    if let filter = fields["filter"],
      let inner = ConfigFields(filter, "\(what): filter", known: ["rules"], &issues)
    {
      rules = inner.strings("rules", &issues).map(\.value)
    }
  }
}

extension Emails.Server {
  fileprivate init?(_ node: ConfigNode, _ owner: String, _ issues: inout ConfigIssues) {
    let what = "\(owner): hbcat"
    guard
      let fields = ConfigFields(
        node, what, known: ["server", "sender", "username", "password"], &issues)
    else { return nil }
    let server = fields.requiredString("server", &issues)
    let sender = fields.requiredString("sender", &issues)
    let credentials = Credentials(fields, &issues)
    guard let server, let sender else { return nil }
    guard MailAddress.isSound(sender.value) else {
      issues.error(sender.place, "\(what): \(shown(sender.value, limit: 80)) is no mail address")
      return nil
    }
    guard MailAddress.isServer(server.value) else {
      issues.error(
        server.place,
        "\(what): server \(shown(server.value, limit: 80)): use HOST, HOST:PORT, smtp://HOST:PORT "
          + "or smtps://HOST:PORT")
      return nil
    }
    self.init(address: server.value, sender: sender.value, credentials: credentials)
  }
}

extension AMQPPublish {
  fileprivate init?(_ node: ConfigNode, _ owner: String, _ issues: inout ConfigIssues) {
    let what = "\(owner): amqp-publish"
    guard
      let fields = ConfigFields(
        node, what, known: ["host", "port", "exchange", "routing-key"],
        skipped: ["sasl", "vhost"], &issues)
    else { return nil }
    let host = fields.requiredString("host", &issues)
    let exchange = fields.requiredString("exchange", &issues)
    if let key = fields.string("routing-key", &issues) {
      issues.check(key, "\(what): routing-key", .routingKey)
    }
    if fields["port"] == nil { issues.error(fields.place, "\(what): port is missing") }
    let port = fields.integer("port", in: 1...65535, &issues)
    guard let host, let exchange, let port else { return nil }
    self.init(host: host.value, port: port, exchange: exchange.value)
  }
}
