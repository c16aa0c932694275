import Healthbot
import KafkaClient

/// Carries out a `NotifyPlan`: reads alarms and sends them where they go.
struct NotifyRun {
  let plan: NotifyPlan
  let messages: Messages

  /// The longest line of stdin, in bytes.
  private static let lineMax = 1_000_000

  func run() throws(PropertyError) -> Int32 {
    if plan.checksConfig { return checkConfig() }
    // What can be refused is refused before anything is sent.
    guard let alarm = Self.alarm(plan.alarm, messages) else { return 1 }
    if plan.isDryRun { return try dryRun(alarm) }
    guard let sender = try AlarmSender(plan.delivery, messages, isStream: alarm == .stream) else {
      return 1
    }
    sender.drainSpool()
    switch alarm {
    case .one(let alarm): sender.send(alarm)
    case .stream: feed(sender)
    }
    return sender.finish()
  }

  /// One alarm of the command line, or those of stdin.
  private enum Source: Equatable {
    case one(Alarm)
    case stream
  }

  private static func alarm(_ fields: NotifyPlan.AlarmFields?, _ messages: Messages) -> Source? {
    guard let fields else { return .stream }
    guard let severity = Alarm.Severity(rawValue: fields.severity) else {
      messages.fatal("--severity: expected major, minor or normal")
      return nil
    }
    var alarm = Alarm(
      deviceID: fields.device, group: fields.group, message: fields.message, rule: fields.rule,
      severity: severity, topic: fields.topic, trigger: fields.trigger)
    for key in fields.keys { alarm.setKey(key.name, to: AlarmValue(string: key.value)) }
    return .one(alarm)
  }

  /// Says what is wrong in the configuration.
  private func checkConfig() -> Int32 {
    let setup = DeliverySetup(plan: plan.delivery, messages: messages)
    guard let configuration = setup.configuration() else { return 1 }
    let groups = configuration.deviceGroups.count + configuration.networkGroups.count
    _ = StandardOutput.write(messages) { _ in
      Array(
        "The configuration is right: \(configuration.notifications.count) notifications, \(groups) groups\n"
          .utf8)
    }
    return messages.exitStatus
  }

  // MARK: Input

  private func feed(_ sender: AlarmSender) {
    var reader = DelimitedReader(descriptor: 0, messageMax: Self.lineMax)
    sender.feed(&reader) { reader in
      while let line = try reader.next() {
        take(line, reader.lineNumber, sender)
        if sender.isDoomed || plan.isStrict && messages.failed { throw AlarmSender.Stop.refused }
        if sender.isInterrupted { throw AlarmSender.Stop.interrupted }
      }
    }
  }

  /// Sends one line; says where it is no alarm.
  private func take(_ line: UnsafeRawBufferPointer, _ number: Int, _ sender: AlarmSender) {
    do throws(AlarmError) {
      let alarm = try AlarmLine.alarm(
        in: line, line: number, needsDevice: sender.routes.needsDevice)
      sender.send(alarm, context: "line \(number): ")
    } catch {
      messages.failure("Not an alarm: \(error)")
    }
  }

  // MARK: Dry run

  private func dryRun(_ source: Source) throws(PropertyError) -> Int32 {
    let setup = DeliverySetup(plan: plan.delivery, messages: messages)
    return messages.exitStatus
  }
}
