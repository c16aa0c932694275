import Healthbot
import Testing

@Suite struct HealthbotConfigurationTests {
  @Test func `exported documents of all three kinds are merged over files`() throws {
    let read = ReadConfiguration(("n.json", Samples.notifications), ("g.yaml", Samples.groups))
    #expect(read.issues.isEmpty, "\(read.issues)")
    let configuration = read.configuration
    #expect(configuration.notifications.count == 6)
    let kafka = try #require(configuration.notifications["ptp-kafka"]?.kafka)
    #expect(
      kafka.bootstrapServers == ["k1.example.net:9092", "k2.example.net:9092", "k3.example.net"])
    #expect(kafka.topic == nil)
    #expect(kafka.usesHashPartitioner)
    #expect(kafka.sasl?.credentials?.username == "healthbot")
    #expect(kafka.sasl?.credentials?.password.text == "s3cret")
    #expect(kafka.sasl?.certificate == "/etc/ssl/kafka.pem")
    #expect(configuration.notifications["ptp-kafka"]?.text == "PTP alarms 🔔")
    #expect(configuration.notifications["noc-slack"]?.slack?.channel == "#noc")
    #expect(configuration.notifications["ticket"]?.webhook?.basic?.username == "u")
    #expect(configuration.notifications["noc-teams"]?.teams?.url.host == "prod.workflows.example")
    #expect(configuration.notifications["mail"]?.emails?.server?.sender == "healthbot@example.net")
    #expect(configuration.notifications["bus"]?.amqp?.port == 5671)
    let group = try #require(configuration.deviceGroups["ptp"])
    #expect(group.notifications[.major] == ["ptp-kafka", "noc-slack", "noc-teams"])
    #expect(!group.suppressesInitialNormal)
    #expect(configuration.networkGroups["ptp"]?.notifications[.major] == ["ticket"])
    #expect(configuration.networkGroups["ptp"]?.suppressesInitialNormal == true)
    #expect(configuration.deviceGroups["core"]?.notifications[.normal] == [])
  }

  @Test func `bare objects are taken as they are`() {
    let read = ReadConfiguration(
      ("a", "notification-name: n\nhttp-post: {url: 'https://h/x'}"),
      ("b", #"{"device-group-name": "d", "notification": {"major": ["n"]}}"#),
      ("c", #"{"network-group-name": "d", "notification": {"minor": ["n"]}}"#))
    #expect(read.issues.isEmpty, "\(read.issues)")
    #expect(read.configuration.deviceGroups["d"]?.notifications[.major] == ["n"])
    #expect(read.configuration.networkGroups["d"]?.notifications[.minor] == ["n"])
  }

  @Test func `a later file adds to what an earlier one says and replaces it`() throws {
    let exported = """
      {"notification": [{"notification-name": "k", "kafka-publish": {
        "bootstrap-servers": ["old:9092"],
        "sasl": {"username": "u", "password": "$9$xyz"}}}]}
      """
    let own = """
      notification:
        - notification-name: k
          kafka-publish:
            bootstrap-servers: [new:9092]
            sasl: {password: secret}
            properties: {linger.ms: 5, compression.codec: lz4, enable.idempotence: true}
      """
    let alone = ReadConfiguration(("export.json", exported))
    #expect(
      alone.errors == [
        "export.json:3: notification \"k\": kafka-publish: sasl: password begins with $9$: Healthbot "
          + "has obscured it in its export; write the secret itself here, or in a further --config "
          + "file that names the same thing"
      ])
    let both = ReadConfiguration(("export.json", exported), ("own.yaml", own))
    #expect(both.issues.isEmpty, "\(both.issues)")
    let kafka = try #require(both.configuration.notifications["k"]?.kafka)
    #expect(kafka.bootstrapServers == ["new:9092"])
    #expect(kafka.sasl?.credentials?.username == "u")
    #expect(kafka.sasl?.credentials?.password.text == "secret")
    #expect(
      kafka.properties.map(\.name) == ["linger.ms", "compression.codec", "enable.idempotence"])
    #expect(kafka.properties.map(\.value.text) == ["5", "lz4", "true"])
    #expect(kafka.properties.first?.place.description == "own.yaml:6")
  }

  @Test(arguments: [
    (
      "notification:\n  - notification-name: n\n    kafka-publis: {}",
      "f:3: notification \"n\": unknown key \"kafka-publis\"; did you mean \"kafka-publish\"?"
    ),
    (
      "notifications: []",
      "f:1: configuration: unknown key \"notifications\"; did you mean \"notification\"?"
    ),
    ("notification: {a: b}", "f:1: notification must be a list of maps, not a map"),
    ("notification: [5]", "f:1: an item of notification must be a map, not the number \"5\""),
    (
      "notification:\n- notification-nam: n",
      "f:2: an item of notification has no notification-name; did you mean it by \"notification-nam\"?"
    ),
    ("[]", "f:1: a configuration must be a map, not a list"),
    (
      "notification-name: n", "f:1: notification \"n\" goes nowhere; give it one of kafka-publish, "
    ),
    (
      "notification-name: n\nkafka-publish:\n  topic: a/b\n  bootstrap-servers: [k]",
      "f:3: notification \"n\": kafka-publish: topic name \"a/b\": '/' at byte 1 is not allowed"
    ),
    (
      "notification-name: n\nkafka-publish: {bootstrap-servers: k}",
      "f:2: notification \"n\": kafka-publish: bootstrap-servers must be a list of texts, not the text \"k\""
    ),
    (
      "notification-name: n\nkafka-publish: {bootstrap-servers: [' , ']}",
      "f:2: notification \"n\": kafka-publish: bootstrap-servers names no server"
    ),
    (
      "notification-name: n\nkafka-publish: {}",
      "f:2: notification \"n\": kafka-publish: bootstrap-servers names no server"
    ),
    (
      "notification-name: n\nkafka-publish: {bootstrap-servers: [k], use-hash-partitioner: yes}",
      "f:2: notification \"n\": kafka-publish: use-hash-partitioner must be true or false, not the text \"yes\""
    ),
    (
      "notification-name: n\nkafka-publish: {bootstrap-servers: [k], sasl: {username: u}}",
      "f:2: notification \"n\": kafka-publish: sasl: password is missing"
    ),
    (
      "notification-name: n\nkafka-publish: {bootstrap-servers: [k], properties: {a: [1]}}",
      "f:2: notification \"n\": kafka-publish: properties: \"a\" must be a text, a number or a boolean, not a list"
    ),
    (
      "notification-name: n\nslack: {url: 'https://h.example/x'}",
      "f:2: notification \"n\": slack: channel is missing"
    ),
    (
      "notification-name: n\nhttp-post: {url: 'ftp://h/x'}",
      "f:2: notification \"n\": http-post: url: scheme \"ftp\": use https://"
    ),
    (
      "notification-name: n\nemails: {ids: ['a b@c.de']}",
      "f:2: notification \"n\": emails: \"a b@c.de\" is no mail address"
    ),
    (
      "notification-name: n\nhttp-post: {url: 'https://h'}\nhbcat: {server: s, sender: a@b}",
      "f:3: notification \"n\": hbcat says how mail is sent, but there is no emails"
    ),
    (
      "notification-name: n\nemails: {ids: [a@b.cd]}\nhbcat: {server: 'http://s', sender: a@b}",
      "f:3: notification \"n\": hbcat: server \"http://s\": use HOST, HOST:PORT, smtp://HOST:PORT or"
    ),
    (
      "notification-name: n\namqp-publish: {host: h, exchange: e, port: 99999}",
      "f:2: notification \"n\": amqp-publish: port must be a number from 1 to 65535, not the number"
    ),
    (
      "device-group-name: d\nnotification: {enable: 5}",
      "f:2: device-group \"d\": notification: enable must be [null], [], true or false, not the number \"5\""
    ),
    (
      "network-group-name: d\nnotification: {no-initial-normal-notify-suppression: true}",
      "f:2: network-group \"d\": notification: unknown key \"no-initial-normal-notify-suppression\""
    ),
    (
      "device-group-name: d\ndevice: [a]",
      "f:2: device-group \"d\": unknown key \"device\"; did you mean \"devices\"?"
    ),
    (
      "notification:\n- {notification-name: n, http-post: {url: 'https://h'}}\n"
        + "- {notification-name: n, http-post: {url: 'https://h'}}",
      "f:3: notification \"n\" is there twice, first at f:2"
    ),
    (
      "notification: [{notification-name: ptp-kafka, http-post: {url: 'https://h'}}]\n"
        + "device-group:\n  - device-group-name: d\n    notification:\n      major:\n        - ptp-kafak",
      "f:6: device-group \"d\": notification: major: there is no notification \"ptp-kafak\"; did you mean \"ptp-kafka\"?"
    ),
  ])
  func `what is wrong is an error with file, line and the way out`(_ text: String, _ error: String)
  {
    let read = ReadConfiguration(text)
    #expect(read.errors.count == 1, "\(read.issues)")
    #expect(read.errors.first?.hasPrefix(error) == true, "\(read.issues)")
  }

  @Test func `a faulty notification is not also a dangling reference`() {
    let read = ReadConfiguration(
      "notification: [{notification-name: n, slak: {}}]\n"
        + "device-group: [{device-group-name: d, notification: {major: [n]}}]")
    #expect(!read.errors.contains { $0.contains("there is no notification") })
  }

  @Test func `Healthbot's own rules are warnings`() {
    let long = String(repeating: "n", count: 65)
    let read = ReadConfiguration(
      """
      notification:
        - notification-name: \(long)
          http-post: {url: 'https://h/x'}
        - notification-name: 1st
          microsoft-teams: {channel: 'http://127.0.0.1/secret'}
        - notification-name: k
          kafka-publish: {bootstrap-servers: [k], topic: "...", sasl: {certificate: ca.crt}}
        - notification-name: m
          emails: {ids: [a.b@c-d.example.net, noc+x@example.net, x@y.z, a@b--c.de]}
      device-group:
        - device-group-name: a_b
      """)
    #expect(read.errors.isEmpty, "\(read.errors)")
    #expect(
      read.warnings.map { String($0.prefix(80)) }
        == [
          "f:2: notification-name \"\(long)",
          "f:4: notification-name \"1st\": Healthbot's pattern is [a-zA-Z][a-zA-Z0-9_-]*",
          "f:5: notification \"1st\": microsoft-teams: channel http://127.0.0.1/…: Healthbot'",
          "f:7: notification \"k\": kafka-publish: topic \"...\": Healthbot's pattern is \\.*[a-",
          "f:7: notification \"k\": kafka-publish: sasl: certificate \"ca.crt\": Healthbot's pa",
          "f:9: notification \"m\": emails: address \"noc+x@example.net\": Healthbot's pattern ",
          "f:9: notification \"m\": emails: address \"x@y.z\": Healthbot's pattern is \\w+([\\.-]",
          "f:9: notification \"m\": emails: address \"a@b--c.de\": Healthbot's pattern is \\w+([",
          "f:11: device-group-name \"a_b\": Healthbot's pattern is [a-zA-Z][a-zA-Z0-9-]*",
        ].map { String($0.prefix(80)) })
  }

  @Test func `secrets appear in no text`() {
    let read = ReadConfiguration(
      """
      notification:
        - notification-name: k
          kafka-publish:
            bootstrap-servers: [k]
            sasl: {username: u, password: 271828}
            properties: {sasl.password: hunter2}
          slack: {url: 'https://h.example/hunter2', channel: c}
          http-post: {url: 'http://h.example/hunter2', basic: {username: u, password: hunter2}}
          microsoft-teams: {channel: 'https://h@hunter2/'}
      """)
    var shown = read.issues.map(\.description).joined()
    dump(read.configuration, to: &shown)
    #expect(shown.contains("password must be a text"))
    #expect(!shown.contains("271828"))
    #expect(!shown.contains("hunter2"))
  }

  @Test func `the number of issues is bounded`() {
    let text = "notification:\n" + (0..<500).map { "- {notification-name: n\($0)}\n" }.joined()
    let issues = ReadConfiguration(text).issues
    #expect(issues.count == 101)
    #expect(issues.last?.description == "400 further errors and warnings")
  }

  @Test func `error texts show hostile names harmlessly`() {
    let read = ReadConfiguration(
      "notification: [{\"notification-name\": \"a\\e[2J\", \"x\\u202e\": 1}]")
    #expect(read.errors.joined().contains(#""a\u{1b}[2J": unknown key "x\u{202e}""#))
    #expect(!read.errors.joined().contains("\u{1b}"))
  }
}
