extension ManPage {
  /// A configuration with all that there is.
  static let configuration = """
    notification:
      - notification-name: kafka
        kafka-publish:
          bootstrap-servers: [kafka1:9092, kafka2:9092]
          topic: alarms                  # left out: named after the alarm
          use-hash-partitioner: true     # key: the alarm's identity
          sasl: {username: hb, password: secret, certificate: ca.pem}
          properties: {compression.codec: lz4}
      - notification-name: noc
        slack: {url: https://hooks.slack.com/services/..., channel: '#noc'}
        microsoft-teams: {channel: https://prod.logic.azure.com/...}
        http-post: {url: https://hook.example.net/alarm, basic: {username: u, password: p}}
        emails: {ids: [noc@example.net], filter: {rules: [topic/rule]}}
        hbcat: {server: smtp.example.net, sender: hbcat@example.net}
    device-group:
      - device-group-name: ptp
        notification: {major: [kafka, noc], normal: [kafka]}
    network-group:
      - network-group-name: wan
        notification: {minor: [kafka]}
    """

  /// Where alarms go, and what is kept of them.
  static let notifications =
    Roff.section("NOTIFICATIONS")
    + Roff.paragraph(
      "Without --config, notify sends every alarm to the brokers of -b. With it alarms go where "
        + "Healthbot's configuration sends them, as Healthbot exports it (YAML or JSON, one document "
        + "or several, merged):")
    + Roff.example(configuration)
    + Roff.paragraph(
      "properties, and the hbcat map beside emails, are hbcat's own; Healthbot's other keys are "
        + "skipped, unknown ones are errors with file and line. A secret that Healthbot has obscured "
        + "($9$...) is refused: a further --config file that names the same notification can give it. "
        + "amqp-publish is read, and is an error where an alarm would go there.")
    + Roff.paragraph(
      "The topic is <group>.<device>.<topic>.<rule>.<trigger>. An alarm of a network group may be "
        + "without device-id; its topic then leaves that part out. A name that Kafka refuses, or that "
        + "has more than 249 bytes, is an error: give another by topic or --to, or mend it by "
        + "--sanitize.")
    + Roff.paragraph(
      "With the hash partitioner the key is the alarm's identity (group, device, topic, rule, trigger, "
        + "keys), so that an alarm and its clear stay in order. A first normal is held back only where "
        + "state is kept: with --state, or within one stream of stdin.")
    + Roff.paragraph(
      "Requests to webhooks, chat and mail are tried up to five times within a minute on 429, 5xx and "
        + "what the network does, Retry-After is honoured up to a minute, redirects are not followed, "
        + "and http:// goes to this machine only unless --allow-http says otherwise. Addresses of the "
        + "link and of a cloud's metadata service get nothing; behind https_proxy the proxy resolves "
        + "names, so that only the address as it is written is checked. Slack and Teams get at most ten "
        + "messages at once and then one a second: --group-wait sums up a storm. Mail with credentials "
        + "needs STARTTLS or smtps; without them STARTTLS is tried.")
    + Roff.paragraph(
      "What hbcat alarms silence has silenced in a Kafka cluster of the configuration is not sent to "
        + "webhooks, chat and mail; Kafka gets every alarm. Where the silences cannot be read, nothing "
        + "is silenced, and it is said.")
    + Roff.paragraph(
      "A way that fails does not stop the others. What it did not get goes into the --spool, and is "
        + "sent first, in its order, by the next run, and while a stream goes on every 15 seconds. "
        + "Delivery is at least once: what was cut off on its way may arrive twice. A line for each "
        + "notification with a failure says what was delivered, kept and not delivered.")

  /// What the forms of stdin look like.
  static let alarmForms =
    Roff.section("ALARMS")
    + Roff.paragraph(
      "An alarm is a JSON object of one line with the texts device-id, group, message, rule, severity "
        + "(major, minor, normal), topic and trigger, and the object keys. Further fields are kept. "
        + "What is sent has the fields sorted, and ASCII alone.")
    + Roff.paragraph(
      "As words, on the command line or with --from words, NAME=VALUE names a field (device is "
        + "device-id) or one of the keys. --from alertmanager takes Alertmanager's webhook documents: "
        + "rule is the label alertname; device-id is device-id, device or instance without its port; group "
        + "is group or device_group; topic is topic or job; trigger is trigger or alertname; severity is major "
        + "for critical and its like, minor for warning and its like, normal for what is resolved; "
        + "message is summary, description or message; the other labels are keys. --group and the like "
        + "say what is missing.")
}
