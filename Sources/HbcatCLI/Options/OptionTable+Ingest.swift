extension OptionTable {
  /// What ingest alone has.
  static let ingest: [OptionRow] = [
    OptionRow(
      .ingestRules, nil, ["rules"], "file", in: [.ingest],
      "File of Healthbot's rules (.rule, or the API's JSON); repeat for more",
      detail: "A rule that has something that hbcat does not do is refused by name, and the others "
        + "run. --list-rules tells which, and --strict makes it an error.",
      completion: .file),
    OptionRow(
      .ingestVariable, nil, ["variable"], "name=value", in: [.ingest],
      "Value for {{NAME}} in the rules, as a playbook gives it; repeat for more"),
    OptionRow(
      .ingestName, nil, ["name"], "name", in: [.ingest],
      "Name of the ingest: the consumer group, and the item of --ingest"),
    OptionRow(
      .ingestFile, nil, ["ingest"], "file", in: [.ingest],
      "Healthbot's tlive-kafka-oc (brokers, topics, security); repeat for more",
      detail: "YAML or JSON as Healthbot exports it, {\"ingest\": {\"byoi\": {\"default-plugin\": "
        + "{\"tlive-kafka-oc\": [...]}}}}, or a part of it. ca-profile and "
        + "local-certificate-profile name items of ca-profile and local-certificate in these "
        + "files. -b, -t and -X add to it and win over it.",
      completion: .file),
    OptionRow(
      .ingestTopic, "t", ["topic"], "topic", in: [.ingest],
      "Topic with telemetry; repeat for more (^ begins a regular expression)"),
    OptionRow(
      .alarmGroup, nil, ["group"], "name", in: [.ingest],
      "Device group of the alarms"),
    OptionRow(
      .to, nil, ["to"], "topic", in: [.ingest],
      "Kafka topic for all alarms, in place of one per alarm"),
    OptionRow(
      .engineState, nil, ["engine-state"], "file", in: [.ingest],
      "What the rules know and how far was read, kept over restarts",
      detail:
        "Written whole at each checkpoint: when alarms have been delivered and before offsets "
        + "are committed, so that after a restart, even after a kill, no record counts twice. "
        + "Without it a restart begins with rules that know nothing. One process uses a file."),
    OptionRow(
      .listRules, nil, ["list-rules"], in: [.ingest],
      "List which rules run and which do not and why, and exit"),
    OptionRow(.json, "J", ["json"], in: [.ingest], "Print the list of --list-rules as JSON"),
    OptionRow(
      .strict, nil, ["strict"], in: [.ingest],
      "End where a rule is refused or a record is no telemetry"),
  ]
}
