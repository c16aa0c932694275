import Healthbot
import KafkaClient

/// Carries out a `NotifyPlan`: reads alarms and sends them where they go.
struct NotifyRun {
  let plan: NotifyPlan
  let messages: Messages

  func run() throws(PropertyError) -> Int32 {
    if plan.checksConfig { return checkConfig() }
    let isStream = plan.alarm == nil
    if plan.isDryRun {
      guard let sender = DryRun(plan.delivery, messages, isStream: isStream) else { return 1 }
      if let alarm = plan.alarm { sender.send(alarm, context: "") } else { sender.feed(plan) }
      return messages.exitStatus
    }
    guard let sender = try AlarmSender(plan.delivery, messages, isStream: isStream) else {
      return 1
    }
    sender.beginSpool(waits: !isStream)
    if let alarm = plan.alarm {
      sender.send(alarm)
    } else {
      feed(sender)
    }
    return sender.finish()
  }

  private func feed(_ sender: AlarmSender) {
    var input = AlarmInput(plan, needsDevice: sender.routes.needsDevice)
    var reader = DelimitedReader(descriptor: 0, messageMax: AlarmInput.bytesMax(plan.form))
    sender.feed(&reader) { reader in
      while let line = try reader.next() {
        if plan.form == .json, sender.sendPlain(line, reader.lineNumber) { continue }
        input.take(line, reader.lineNumber) { take($0, sender) }
        if sender.isDoomed || isRefused { throw AlarmSender.Stop.refused }
        // What was read is kept where it can be.
        if sender.isInterrupted, sender.spool == nil { throw AlarmSender.Stop.interrupted }
      }
    }
    if !sender.isDoomed, !isRefused, !sender.isInterrupted {
      input.finish { take($0, sender) }
    }
  }

  private var isRefused: Bool { plan.isStrict && messages.failed }

  private func take(_ item: AlarmInput.Item, _ sender: AlarmSender) {
    switch item {
    case .alarm(let alarm, let context): if !isRefused { sender.send(alarm, context: context) }
    case .refused(let text): messages.failure("Not an alarm: \(text)")
    }
  }

  /// Says what is wrong in the configuration.
  private func checkConfig() -> Int32 {
    let setup = DeliverySetup(plan: plan.delivery, messages: messages)
    guard let configuration = setup.configuration() else { return 1 }
    let groups = configuration.deviceGroups.count + configuration.networkGroups.count
    let notifications = configuration.notifications.count
    let text =
      "The configuration is right: \(notifications) notification\(notifications == 1 ? "" : "s"), "
      + "\(groups) group\(groups == 1 ? "" : "s")\n"
    _ = StandardOutput.write(messages) { _ in Array(text.utf8) }
    return messages.exitStatus
  }
}
