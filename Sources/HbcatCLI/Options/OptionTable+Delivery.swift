/// The subcommands that raise alarms.
private let raising: Set<Command> = [.notify, .ingest]

extension OptionTable {
  /// Where alarms go, and what is kept of them.
  static let delivery: [OptionRow] = [
    OptionRow(
      .notifyConfig, nil, ["config"], "file", in: raising,
      "Healthbot's configuration (YAML or JSON); repeat for more",
      detail: "Notifications, device groups and network groups, as Healthbot exports them; files "
        + "are merged, the later one wins. Where it is not given, HBCAT_NOTIFY_CONFIG names one. "
        + "An alarm goes where its group sends its severity.",
      completion: .file),
    OptionRow(
      .checkConfig, nil, ["check-config"], in: [.notify],
      "Read the configuration, say what is wrong in it, and send nothing"),
    OptionRow(
      .dryRun, nil, ["dry-run"], in: [.notify],
      "Print what would go where, and send nothing",
      detail: "One line for each way: the notification's name, kafka, webhook, slack, teams or "
        + "mail, where to, and what; a tab stands between them. Nothing is written to --state and "
        + "--spool."),
    OptionRow(
      .inputForm, nil, ["from"], "form", in: [.notify],
      "Form of stdin: json, words or alertmanager. Default: json",
      detail: "json: a line for each alarm, in Healthbot's form; words: a line of name=value for "
        + "each; alertmanager: what Alertmanager posts to a webhook. Options such as --group give "
        + "what the input lacks. A line that is no alarm is reported, and the rest goes on.",
      completion: .words(["json", "words", "alertmanager"])),
    OptionRow(
      .strict, nil, ["strict"], in: [.notify], "Stop at the first input that is no alarm"),
    OptionRow(
      .stateFile, nil, ["state"], "file", in: raising,
      "Keep the last severity of each alarm in a file",
      detail: "It suppresses the normal of an alarm that was never anything else (unless its "
        + "device group says no-initial-normal-notify-suppression). Several commands may use it at "
        + "once. Without it state is kept within one stream of a --config only.",
      completion: .file),
    OptionRow(
      .transitions, nil, ["transitions"], in: raising, "Send changes of severity only"),
    OptionRow(
      .repeatInterval, nil, ["repeat-interval"], "time", in: raising,
      "With --transitions: send an alarm that lasts again after this time",
      detail: "Such as 30m or 1h. A normal is not repeated."),
    OptionRow(
      .spool, nil, ["spool"], "folder", in: raising,
      "Keep what cannot be delivered, and send it first the next time",
      detail: "One file for each notification, up to 64 MiB each. What was refused for good, such "
        + "as by a 400, is not kept: it is reported. Beyond 1000 alarms that wait for a slow "
        + "server the rest is kept too, so that it holds up no other; without a spool it does. "
        + "The exit code is 1 where something is kept at the end."),
    OptionRow(
      .createTopics, nil, ["create-topics"], optional: "partitions:replicas", in: raising,
      "Create topics that are missing",
      detail: "Without numbers the broker's defaults count. Without the option a broker that "
        + "creates no topics by itself makes a missing one an error."),
    OptionRow(
      .template, nil, ["template"], "text", in: raising, "Text of chat messages and mails",
      detail: "{{FIELD}} is one of the alarm's fields, {{keys.NAME}} one of its keys, "
        + "{{other.NAME}} a further field; \\n is a new line, \\{ a brace."),
    OptionRow(
      .groupWait, nil, ["group-wait"], "time", in: raising,
      "Gather alarms of a device for so long into one chat message or mail",
      detail: "Kafka and webhooks get every alarm at once all the same."),
    OptionRow(
      .inFlight, nil, ["in-flight"], "number", in: raising,
      "Requests to webhooks, chat and mail at the same time. Default: 4"),
    OptionRow(
      .webAuthority, nil, ["web-ca"], "file", in: raising,
      "Who vouches for webhooks, chat and mail servers (PEM)",
      detail: "A file or a folder of certificates, in place of those that the system trusts.",
      completion: .file),
    OptionRow(
      .allowHTTP, nil, ["allow-http"], in: raising,
      "Let http:// go to other machines than this one"),
  ]
}
