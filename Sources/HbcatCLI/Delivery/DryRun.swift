import Healthbot
import Transport

/// Says what would go where, and sends nothing; neither the state nor the spool is written.
final class DryRun {
  private let plan: DeliveryPlan
  private let messages: Messages
  private let routes: AlarmRoutes
  private let memory: AlarmMemory?

  /// Nil where the configuration or the state cannot be read, which has been said.
  init?(_ plan: DeliveryPlan, _ messages: Messages, isStream: Bool) {
    self.plan = plan
    self.messages = messages
    let setup = DeliverySetup(plan: plan, messages: messages)
    guard let routes = setup.routes() else { return nil }
    self.routes = routes
    do throws(DurableFile.Failure) {
      memory = try setup.memory(isStream: isStream, routes, isReadOnly: true)
    } catch {
      messages.fatal("\(error)")
      return nil
    }
  }

  /// Prints where the alarms of stdin would go.
  func feed(_ plan: NotifyPlan) {
    var input = AlarmInput(plan, needsDevice: routes.needsDevice)
    var reader = DelimitedReader(descriptor: 0, messageMax: AlarmInput.bytesMax(plan.form))
    do {
      try reader.readOn(waitingBy: { waitForInput() }) { reader, _ in
        while let line = try reader.next() { input.take(line, reader.lineNumber) { take($0) } }
        return true
      }
    } catch { messages.fatal("\(error)") }
    input.finish { take($0) }
  }

  private func waitForInput() {
    _ = HbcatCLI.waitForInput(0, wakeDescriptor: -1, timeoutMs: -1)
  }

  private func take(_ item: AlarmInput.Item) {
    switch item {
    case .alarm(let alarm, let context): send(alarm, context: context)
    case .refused(let text): messages.failure("Not an alarm: \(text)")
    }
  }

  /// Prints where an alarm would go, a line for each way.
  func send(_ alarm: Alarm, context: String) {
    do {
      let (routes, suppressesInitialNormal) = try routes.routes(of: alarm)
      let isToBeSent =
        memory?.isToBeSent(
          alarm.severity, AlarmIdentity(of: alarm),
          suppressesInitialNormal: suppressesInitialNormal,
          nowMs: WallClock.nowMs) ?? true
      guard isToBeSent else { return messages.info(1, "\(context)no news, not sent") }
      if routes.isEmpty { messages.info(1, "\(context)nowhere: the group lists no notification") }
      for route in routes { write(route, alarm, context) }
    } catch {
      messages.failure("\(context)\(error)")
    }
  }

  private func write(_ route: Route, _ alarm: Alarm, _ context: String) {
    let way: String
    let target: String
    let body: [UInt8]
    switch route.destination {
    case .kafka(let destination):
      way = "kafka"
      target = destination.topic.description
      body = AlarmLine.bytes(of: alarm)
    case .webhook(let post):
      way = "webhook"
      target = "\(post.url)"
      body = AlarmLine.bytes(of: alarm)
    case .slack(let slack):
      way = "slack"
      target = "\(slack.channel) \(slack.url)"
      body = HTTPPayload(slack: message(alarm), channel: slack.channel).body
    case .teams(let teams):
      way = "teams"
      target = "\(teams.url)"
      body = HTTPPayload(teams: message(alarm)).body
    case .mail(let ids, let server):
      way = "mail"
      target = "\(ids.joined(separator: ",")) by \(server.address)"
      body = Array(message(alarm).text.utf8)
    case .impossible(let problem): return messages.failure("\(context)\(problem)")
    }
    let start = [route.notification, way, target, ""].joined(separator: "\t")
    _ = StandardOutput.write(messages) { _ in Array(start.utf8) + body + [UInt8(ascii: "\n")] }
  }

  private func message(_ alarm: Alarm) -> ChatMessage {
    ChatMessage(alarm, template: plan.template)
  }
}
