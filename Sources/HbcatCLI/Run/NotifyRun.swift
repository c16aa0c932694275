import Healthbot
import KafkaClient
import KafkaProtocol

/// Carries out a `NotifyPlan`: formats alarms, names their topics and publishes them.
struct NotifyRun {
  let plan: NotifyPlan
  let client: ClientConfiguration
  let configuration: ProducerConfiguration
  let messages: Messages
  private let headers: RecordHeaders?

  init(
    plan: NotifyPlan, client: ClientConfiguration, configuration: ProducerConfiguration,
    messages: Messages
  ) {
    self.plan = plan
    self.client = client
    self.configuration = configuration
    self.messages = messages
    headers = ProduceSession.headers(plan.headers)
  }

  func run() -> Int32 {
    // What can be refused is refused before anything is sent.
    if let id = configuration.transactionalId {
      messages.fatal(
        "transactional.id=\(id): notify publishes each alarm at once, a transaction would hold it "
          + "back; leave transactional.id out")
      return 1
    }
    var single: (alarm: Alarm, topic: TopicName)?
    do {
      if let fields = plan.alarm {
        let alarm = try Self.alarm(fields)
        single = (alarm, try topicName(for: alarm))
      }
    } catch {
      messages.fatal("\(error)")
      return 1
    }
    do throws(ClientError) {
      let session = try ProduceSession(plan.client, client, configuration, messages)
      if let single {
        publish(single.alarm, to: single.topic, session)
      } else {
        feed(session)
      }
      return session.finish()
    } catch {
      messages.fatal("\(error)")
      return 1
    }
  }

  /// The alarm of the command line.
  private static func alarm(_ fields: NotifyPlan.AlarmFields) throws -> Alarm {
    guard let severity = Alarm.Severity(rawValue: fields.severity) else {
      throw UsageError.value("--severity: expected major, minor or normal")
    }
    var alarm = Alarm(
      deviceID: fields.device, group: fields.group, message: fields.message, rule: fields.rule,
      severity: severity, topic: fields.topic, trigger: fields.trigger)
    for key in fields.keys { alarm.setKey(key.name, to: AlarmValue(string: key.value)) }
    return alarm
  }

  /// The Kafka topic of an alarm: the fixed one, or one made of its names.
  private func topicName(for alarm: Alarm) throws -> TopicName {
    if let fixed = plan.topic { return try TopicName(fixed) }
    guard plan.sanitize else { return try TopicName(for: alarm) }
    let sanitized = try SanitizedTopicName(TopicName.joined(for: alarm))
    if sanitized.isChanged { messages.info(1, "\(sanitized)") }
    return sanitized.name
  }

  /// Publishes each line of standard input that is an alarm; says which are not.
  private func feed(_ session: ProduceSession) {
    var reader = DelimitedReader(descriptor: 0, messageMax: configuration.messageBytesMax)
    _ = session.feed(&reader) { reader in
      while let line = try reader.next() {
        guard publish(line, reader.lineNumber, session) else {
          throw session.isInterrupted
            ? ProduceSession.Stop.interrupted : ProduceSession.Stop.refused
        }
      }
      return true
    }
  }

  /// Publishes one line; false where nothing more can be published.
  private func publish(_ line: UnsafeRawBufferPointer, _ number: Int, _ session: ProduceSession)
    -> Bool
  {
    do {
      let alarm = try AlarmLine.alarm(in: line, line: number)
      return publish(alarm, to: try topicName(for: alarm), session)
    } catch let error as AlarmError {
      messages.failure("Not an alarm: \(error)")
    } catch {
      messages.failure("line \(number): \(error)")
    }
    return true
  }

  @discardableResult
  private func publish(_ alarm: Alarm, to name: TopicName, _ session: ProduceSession) -> Bool {
    let topic: ProducerInput.Topic
    do throws(ClientError) {
      topic = try session.open(name.description)
    } catch {
      if session.isInterrupted { session.leaveOut() }
      switch error {
      case .unknownTopic, .broker:
        // Each alarm may have a topic of its own.
        if !session.isInterrupted { messages.fatal("Topic \(name) error: \(error)") }
        return true
      default:
        session.sayCannotOpen(name.description, error)
        return false
      }
    }
    do throws(ProduceSession.Stop) {
      let line = AlarmLine.bytes(of: alarm)
      try line.withUnsafeBufferPointer { bytes throws(ProduceSession.Stop) in
        try session.append(
          to: topic, partition: -1, key: nil, value: UnsafeRawBufferPointer(bytes),
          headers: headers)
      }
      return true
    } catch {
      return false
    }
  }
}
