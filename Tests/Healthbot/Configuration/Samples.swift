import Healthbot

/// What a reader made of some files.
struct ReadConfiguration {
  var configuration: HealthbotConfiguration
  var issues: [ConfigIssue]

  init(_ files: (name: String, text: String)...) {
    var reader = ConfigurationReader()
    for file in files {
      Array(file.text.utf8).withUnsafeBytes { reader.read($0, file: file.name) }
    }
    (configuration, issues) = reader.finish()
  }

  /// Reads one file, called `f`.
  init(_ text: String) { self.init(("f", text)) }

  var errors: [String] { issues.filter { !$0.isWarning }.map(\.description) }
  var warnings: [String] { issues.filter(\.isWarning).map(\.description) }
}

/// Documents in the form in which Healthbot's API exports them.
enum Samples {
  static let notifications = #"""
    {
      "@": {"operation": "read"},
      "notification": [
        {
          "@annotation": {"last-change": "2023-03-01T09:00:00Z"},
          "notification-name": "ptp-kafka",
          "description": "PTP alarms \ud83d\udd14",
          "kafka-publish": {
            "bootstrap-servers": ["k1.example.net:9092,k2.example.net:9092", "k3.example.net"],
            "use-hash-partitioner": true,
            "sasl": {
              "username": "healthbot", "password": "s3cret", "certificate": "/etc/ssl/kafka.pem"
            }
          }
        },
        {
          "notification-name": "noc-slack",
          "slack": {"url": "https://hooks.slack.example/services/T0/B0/abc", "channel": "#noc"}
        },
        {
          "notification-name": "noc-teams",
          "microsoft-teams": {"channel": "https://prod.workflows.example/workflows/1?sig=x"}
        },
        {
          "notification-name": "ticket",
          "http-post": {
            "url": "https://tickets.example.net/hook",
            "basic": {"username": "u", "password": "p"}
          }
        },
        {
          "notification-name": "mail",
          "emails": {"ids": ["noc@example.net"], "filter": {"rules": ["protocol.ptp/ptp-lock"]}},
          "hbcat": {"server": "smtps://mail.example.net:465", "sender": "healthbot@example.net"}
        },
        {
          "notification-name": "bus",
          "amqp-publish": {"host": "mq", "port": 5671, "exchange": "alarms", "vhost": "/"}
        }
      ]
    }
    """#

  static let groups = """
    ---
    device-group:
      - device-group-name: ptp
        description: the grand masters
        devices: [mx960-1, mx960-2]
        authentication:
          password: {username: root, password: $9$abc}
        publish: {destination: [d]}
        variable:
          - {instance-id: a, playbook: b, rule: c}
        notification:
          enable: [null]
          major: [ptp-kafka, noc-slack, noc-teams]
          minor: [ptp-kafka, mail]
          normal: [ptp-kafka]
          no-initial-normal-notify-suppression: true
      - device-group-name: core
        notification: {enable: [], major: [bus, ticket]}
    ---
    network-group:
      - network-group-name: ptp
        "@": {x: 1}
        notification:
          enable: false
          major: [ticket]
    """
}
