import Healthbot
import Testing

private func alarm(
  _ group: String, _ severity: Alarm.Severity, device: String? = "mx960-1",
  rule: String = "ptp-lock"
) -> Alarm {
  Alarm(
    deviceID: device, group: group, message: "m", rule: rule, severity: severity,
    topic: "protocol.ptp", trigger: "t")
}

/// Routes as texts: `ptp-kafka kafka 0 topic`.
private func shown(_ routes: [Route]) -> [String] {
  routes.map { route in
    let place =
      switch route.destination {
      case .kafka(let kafka): "kafka \(kafka.cluster) \(kafka.topic)"
      case .webhook(let webhook): "webhook \(webhook.url)"
      case .slack(let slack): "slack \(slack.channel)"
      case .teams(let teams): "teams \(teams.url)"
      case .mail(let ids, let server): "mail \(ids) by \(server.address)"
      case .impossible(let problem): "impossible: \(problem)"
      }
    return "\(route.notification) \(place)"
  }
}

@Suite struct RoutingTests {
  private let routing = Routing(
    ReadConfiguration(("n.json", Samples.notifications), ("g.yaml", Samples.groups)).configuration)

  @Test func `group and severity decide, several notifications each get the alarm`() throws {
    #expect(
      try shown(routing.routes(of: alarm("ptp", .major))) == [
        "ptp-kafka kafka 0 ptp.mx960-1.protocol.ptp.ptp-lock.t", "noc-slack slack #noc",
        "noc-teams teams https://prod.workflows.example/…",
      ])
    #expect(try shown(routing.routes(of: alarm("ptp", .normal))).count == 1)
    #expect(try routing.routes(of: alarm("core", .minor)).isEmpty)
  }

  @Test func `a name that serves both kinds is a network group's for alarms without a device`()
    throws
  {
    #expect(
      try shown(routing.routes(of: alarm("ptp", .major, device: nil)))
        == ["ticket webhook https://tickets.example.net/…"])
    #expect(try routing.group(of: alarm("ptp", .major)).kind == .device)
    #expect(try routing.group(of: alarm("ptp", .major, device: nil)).kind == .network)
  }

  @Test func `AMQP is an error where a route uses it, and the other routes stand`() throws {
    #expect(
      try shown(routing.routes(of: alarm("core", .major))) == [
        "bus impossible: notification \"bus\": amqp-publish to \"mq\": hbcat speaks no AMQP; route "
          + "the group to another notification", "ticket webhook https://tickets.example.net/…",
      ])
  }

  @Test func `mail passes the filter of rules`() throws {
    let passed = ["mail mail [\"noc@example.net\"] by smtps://mail.example.net:465"]
    #expect(try shown(routing.routes(of: alarm("ptp", .minor))).dropFirst() == passed[...])
    #expect(try shown(routing.routes(of: alarm("ptp", .minor, rule: "x"))).count == 1)
  }

  @Test func `mail without a server is an error where a route uses it`() throws {
    let read = ReadConfiguration(
      """
      notification: [{notification-name: m, emails: {ids: [a@b.cd]}}]
      network-group: [{network-group-name: g, notification: {minor: [m]}}]
      """)
    #expect(read.issues.isEmpty)
    let routes = try Routing(read.configuration).routes(of: alarm("g", .minor))
    #expect(
      shown(routes).first?.hasPrefix("m impossible: notification \"m\": emails: no server") == true)
  }

  @Test func `a group that is not there is named with the nearest one`() {
    #expect(throws: RoutingError.unknownGroup("ptpp", nearest: "ptp")) {
      try routing.routes(of: alarm("ptpp", .major))
    }
    #expect(
      "\(RoutingError.unknownGroup("ptpp", nearest: "ptp"))"
        == "there is no device group or network group \"ptpp\"; did you mean \"ptp\"?")
    #expect(throws: RoutingError.noDevice(group: "core")) {
      try routing.routes(of: alarm("core", .major, device: nil))
    }
  }

  @Test func `one producer serves all notifications that name a cluster alike`() throws {
    let read = ReadConfiguration(
      """
      notification:
        - {notification-name: a, kafka-publish: {bootstrap-servers: [k1, k2], topic: x}}
        - {notification-name: b, kafka-publish: {bootstrap-servers: ['k1,k2'], topic: y}}
        - {notification-name: c, kafka-publish: {bootstrap-servers: [k1, k2], properties: {acks: 1}}}
      network-group: [{network-group-name: g, notification: {major: [c, b, a, b]}}]
      """)
    let routing = Routing(read.configuration)
    #expect(routing.clusters.map(\.notification) == ["a", "c"])
    #expect(
      try shown(routing.routes(of: alarm("g", .major)))
        == ["c kafka 1 g.mx960-1.protocol.ptp.ptp-lock.t", "b kafka 0 y", "a kafka 0 x"])
  }

  @Test func `with the hash partitioner an alarm and its clear have the same key`() throws {
    var major = alarm("ptp", .major)
    major.setKey("b", to: AlarmValue(string: "2"))
    major.setKey("a", to: AlarmValue(string: "1"))
    var normal = alarm("ptp", .normal)
    normal.message = "cleared"
    normal.setKey("a", to: AlarmValue(string: "1"))
    normal.setKey("b", to: AlarmValue(string: "2"))
    let keys = try [major, normal].map { alarm in
      guard case .kafka(let kafka)? = try routing.routes(of: alarm).first?.destination else {
        return ""
      }
      return String(decoding: kafka.key ?? [], as: UTF8.self)
    }
    #expect(
      keys.first
        == #"{"device-id": "mx960-1", "group": "ptp", "keys": {"a": "1", "b": "2"}, "#
        + #""rule": "ptp-lock", "topic": "protocol.ptp", "trigger": "t"}"#)
    #expect(keys.first == keys.last)
  }

  @Test func `a topic that Kafka refuses stops that route alone`() throws {
    let long = alarm("ptp", .major, device: String(repeating: "d", count: 250))
    let routes = try shown(routing.routes(of: long))
    #expect(routes.count == 3)
    #expect(
      routes.first?.contains(
        "278 bytes are too long; Kafka allows 249: give a shorter one by \"topic\"") == true)
    let slash = alarm("ptp", .normal, device: "mx/1")
    #expect(try shown(routing.routes(of: slash)).first?.contains("--sanitize") == true)
    let read = ReadConfiguration(("n", Samples.notifications), ("g", Samples.groups))
    let sanitizing = Routing(read.configuration, sanitizes: true)
    #expect(
      try shown(sanitizing.routes(of: slash))
        == ["ptp-kafka kafka 0 ptp.mx_1.protocol.ptp.ptp-lock.t"])
  }
}
