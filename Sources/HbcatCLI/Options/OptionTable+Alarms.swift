extension OptionTable {
  /// The options of `alarms`; fields of an alarm have Healthbot's names there as in `notify`.
  static let alarms: [OptionRow] = [
    OptionRow(
      .alarmsTopic, "t", ["kafka-topic"], "topic", in: [.alarms],
      "Kafka topic to read; repeat for more",
      detail:
        "Without it all topics are read whose names begin with the name of --group and a dot, "
        + "also those that come into being meanwhile. A topic that a notification names itself has "
        + "no such name and is to be given here."),
    OptionRow(
      .alarmGroup, nil, ["group"], "name", in: [.alarms], "Device group or network group"),
    OptionRow(
      .alarmDevice, nil, ["device"], "id", in: [.alarms], "The same as the matcher device-id=ID"),
    OptionRow(
      .alarmTopic, nil, ["topic"], "name", in: [.alarms],
      "Healthbot's topic (Kafka's is -t)"),
    OptionRow(
      .alarmRule, nil, ["rule"], "name", in: [.alarms], "The same as the matcher rule=NAME"),
    OptionRow(
      .alarmTrigger, nil, ["trigger"], "name", in: [.alarms],
      "The same as the matcher trigger=NAME"),
    OptionRow(
      .alarmSeverity, nil, ["severity"], "level", in: [.alarms], "major, minor or normal",
      completion: .words(["major", "minor", "normal"])),
    OptionRow(.alarmMessage, nil, ["message"], "text", in: [.alarms], "Text"),
    OptionRow(
      .alarmKey, nil, ["key"], "name=value", in: [.alarms],
      "One of the alarm's keys; repeat for more",
      detail: "With heartbeat --group, --device, --topic, --rule, --trigger, --severity, --message "
        + "and --key are what the alarm is made of; elsewhere each is a matcher."),
    OptionRow(
      .exitAtEnd, "e", ["once"], in: [.alarms], "Read to the end of the topics and exit"),
    OptionRow(
      .since, nil, ["since"], "time", in: [.alarms],
      "Read only what is that new, such as 1h",
      detail: "What was raised before and did not change since is then not known."),
    OptionRow(
      .allAlarms, nil, ["all"], in: [.alarms],
      "Print every record; list every silence"),
    OptionRow(
      .json, "J", ["json"], in: [.alarms], "Print JSON, an object a line",
      detail:
        "Of an alarm it has event (raised, changed, cleared, repeated, or active in the list of "
        + "those that are), device-id (null without a device), group, keys, message, rule, severity, topic, "
        + "trigger, fields (an object of what else the alarm has), since (when it was raised, or cleared), "
        + "changed (when it took its severity), count (records since then it was raised), silenced (the "
        + "silence's id or null) and kafka, an object of topic, partition, offset and timestamp. Of a "
        + "silence it has id, author, comment, matchers, createdAt, startsAt and endsAt. Times are "
        + "milliseconds since 1970. Names are not changed or taken away in later releases; more may "
        + "come."),
    OptionRow(
      .silenced, nil, ["silenced"], in: [.alarms], "Take alarms that are silenced as well"),
    OptionRow(
      .check, nil, ["check"], in: [.alarms],
      "One line and an exit status for monitoring",
      detail: "0 no alarm, 1 minor ones, 2 a major one, 3 it could not be found out: no broker, no "
        + "topic, no answer within --timeout (30s), nothing but records that are no alarms, or a "
        + "mistake in the command line."),
    OptionRow(
      .untilClear, nil, ["until-clear"], in: [.alarms],
      "Wait until no alarm is active, and exit with 0"),
    OptionRow(
      .waitTimeout, nil, ["timeout"], "time", in: [.alarms],
      "How long it may take, such as 10m",
      detail: "Of use with --once, --check, --until-clear and heartbeat."),
    OptionRow(
      .silenceFor, nil, ["for"], "time", in: [.alarms], "How long a new silence lasts, such as 2h"),
    OptionRow(
      .silenceAuthor, nil, ["author"], "name", in: [.alarms],
      "Who makes a silence. Default: $USER"),
    OptionRow(.silenceComment, nil, ["comment"], "text", in: [.alarms], "Why a silence is made"),
    OptionRow(
      .silenceTopic, nil, ["silence-topic"], "topic", in: [.alarms, .notify, .ingest],
      "Kafka topic of silences (hbcat.silences)",
      detail:
        "silence add creates it (cleanup.policy=compact) where it is missing. A record's key is "
        + "the silence's id, its value the object that --json prints. The last one of an id counts, "
        + "null takes it away."),
    OptionRow(
      .within, nil, ["within"], "time", in: [.alarms],
      "How long heartbeat bears silence, such as 5m"),
    OptionRow(
      .timeout, "m", ["metadata-timeout"], "seconds", in: [.alarms],
      "Time limit for metadata. Default: 5"),
  ]
}
