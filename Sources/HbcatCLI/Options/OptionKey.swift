/// What an option means, whatever letters or words spell it.
enum OptionKey: Hashable, Sendable, CaseIterable {
  // kcat's modes
  case consumerMode, producerMode, listMode, groupMode, queryMode, mockMode
  // Kafka, in every mode
  case bootstrapServers, property, configFile, debug, timeout, keepGoing
  case user, passwordFile, strictSecrets
  case quiet, verbose, unbuffered, help, version, unitTests
  // records
  case topic, partition, delimiter, keyDelimiter, maxMessages, emptyIsNull, nullMarker
  case json
  // list
  case offsets, configs, allConfigs
  // produce
  case compression, key, header, lines, tee, transactionEvery
  // consume
  case offset, fromBeginning, exitAtEnd, format, serdes, schemaRegistry, showOffset, group
  case shareGroup, acknowledgement, exitIdle
  // notify
  case alarmGroup, alarmDevice, alarmTopic, alarmRule, alarmTrigger, alarmSeverity, alarmMessage
  case alarmKey, to, sanitize, checkConfig, dryRun, inputForm, strict
  // how alarms are delivered
  case notifyConfig, stateFile, spool, transitions, repeatInterval, createTopics, template
  case groupWait, inFlight, allowHTTP, webAuthority
  // alarms
  case alarmsTopic, since, allAlarms, silenced, check, untilClear, waitTimeout, silenceFor
  case silenceAuthor, silenceComment, silenceTopic, within
  // broker and demo
  case listen, port, advertise, brokerId, brokerTopic, untilStdinEnds, noAutoCreate, fault
  case brokerCount, maxMessageBytes
  case demoTopic
  // ingest
  case ingestRules, ingestVariable, ingestName, ingestFile, ingestTopic, engineState, listRules
}
