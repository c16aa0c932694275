/// What an option means, whatever letters or words spell it.
enum OptionKey: Hashable, Sendable, CaseIterable {
  // kcat's modes
  case consumerMode, producerMode, listMode, groupMode, queryMode, mockMode
  // Kafka, in every mode
  case bootstrapServers, property, configFile, debug, timeout, keepGoing
  case user, passwordFile
  case quiet, verbose, unbuffered, help, version, unitTests
  // records
  case topic, partition, delimiter, keyDelimiter, maxMessages, emptyIsNull, json
  // produce
  case compression, key, header, lines, tee, transactionEvery
  // consume
  case offset, fromBeginning, exitAtEnd, format, serdes, schemaRegistry, showOffset, group
  case shareGroup, acknowledgement, exitIdle
  // notify
  case alarmGroup, alarmDevice, alarmTopic, alarmRule, alarmTrigger, alarmSeverity, alarmMessage
  case alarmKey, to, sanitize
  // alarms
  case alarmsTopic, since, allAlarms, silenced, check, untilClear, waitTimeout, silenceFor
  case silenceAuthor, silenceComment, silenceTopic, within
  // broker and demo
  case listen, port, advertise, brokerId, brokerTopic, untilStdinEnds, noAutoCreate, fault
  case brokerCount, maxMessageBytes
  case demoTopic
}
