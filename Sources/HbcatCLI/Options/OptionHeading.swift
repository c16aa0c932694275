/// Under which heading an option stands in the help of a subcommand.
enum OptionHeading: CaseIterable, Sendable {
  /// What the subcommand is about; has no title.
  case main
  case alarm
  case delivery
  case webMessages
  case silences
  case client
  case program

  /// What stands above the options.
  var title: String {
    switch self {
    case .main: ""
    case .alarm: "Alarm"
    case .delivery: "Routing and delivery"
    case .webMessages: "Webhooks, chat and mail"
    case .silences: "Silences"
    case .client: "Kafka client"
    case .program: "Program"
    }
  }
}

extension OptionKey {
  /// The heading in the help of a subcommand.
  func heading(in command: Command) -> OptionHeading {
    switch self {
    case .consumerMode, .producerMode, .listMode, .groupMode, .queryMode, .mockMode,
      .bootstrapServers, .unbuffered, .topic, .partition, .delimiter, .keyDelimiter, .maxMessages,
      .emptyIsNull, .nullMarker, .json, .offsets, .configs, .allConfigs, .key, .lines, .tee,
      .transactionEvery, .offset, .fromBeginning, .exitAtEnd, .format, .serdes, .schemaRegistry,
      .showOffset, .group, .shareGroup, .acknowledgement, .exitIdle, .inputForm, .strict,
      .alarmsTopic, .since, .allAlarms, .check, .untilClear, .waitTimeout, .within, .listen, .port,
      .advertise, .brokerId, .brokerTopic, .untilStdinEnds, .noAutoCreate, .fault, .brokerCount,
      .maxMessageBytes, .demoTopic, .ingestRules, .ingestVariable, .ingestName, .ingestFile,
      .ingestTopic, .engineState, .listRules:
      .main
    // Telemetry has all of an alarm but its group.
    case .alarmGroup: command == .ingest ? .main : .alarm
    case .alarmDevice, .alarmTopic, .alarmRule, .alarmTrigger, .alarmSeverity, .alarmMessage,
      .alarmKey:
      .alarm
    case .compression, .header: command == .notify ? .delivery : .main
    case .to, .sanitize, .notifyConfig, .checkConfig, .dryRun, .stateFile, .transitions,
      .repeatInterval, .spool, .createTopics:
      .delivery
    case .template, .groupWait, .inFlight, .webAuthority, .allowHTTP: .webMessages
    case .silenceTopic: command == .alarms ? .silences : .delivery
    case .silenced, .silenceFor, .silenceAuthor, .silenceComment: .silences
    case .timeout, .configFile, .property, .user, .passwordFile, .strictSecrets, .debug: .client
    case .keepGoing, .quiet, .verbose, .version, .help, .unitTests: .program
    }
  }
}
