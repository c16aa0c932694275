import Healthbot
import Testing

private func alarm(_ severity: Alarm.Severity, device: String? = "d", message: String = "m")
  -> Alarm
{
  Alarm(
    deviceID: device, group: "g", message: message, rule: "r", severity: severity, topic: "t",
    trigger: "x")
}

/// Batches as texts: `slack d 3`.
private func shown(_ batches: [(key: GroupWait.Key, batch: AlarmBatch)]) -> [String] {
  batches.map { "\($0.key.notification) \($0.key.device ?? "-") \($0.batch.count)" }
}

@Suite struct GroupWaitTests {
  @Test func `a storm becomes one batch for each device and notification`() {
    var wait = GroupWait(waitMs: 1000)
    #expect(wait.nextDueMs == nil)
    for i in 0..<50 { wait.add(alarm(.major), to: "slack", nowMs: 5000 + Int64(i)) }
    wait.add(alarm(.minor, device: "e"), to: "slack", nowMs: 5500)
    wait.add(alarm(.minor, device: nil), to: "teams", nowMs: 5600)
    #expect(wait.nextDueMs == 6000)
    let none = wait.due(nowMs: 5999)
    #expect(none.isEmpty)
    let first = wait.due(nowMs: 6000)
    #expect(shown(first) == ["slack d 50"])
    #expect(first.first?.batch.kept.count == 20)
    #expect(wait.nextDueMs == 6500)
    wait.add(alarm(.normal), to: "slack", nowMs: 6100)
    let rest = wait.all()
    #expect(shown(rest) == ["slack e 1", "teams - 1", "slack d 1"])
    #expect(wait.nextDueMs == nil)
  }

  @Test func `what waits is bounded in batches and in alarms`() {
    var wait = GroupWait(waitMs: .max, openMax: 10)
    for i in 0..<25 { wait.add(alarm(.major, device: "d\(i)"), to: "s", nowMs: .max) }
    let early = wait.due(nowMs: 0)
    #expect(shown(early) == (0..<15).map { "s d\($0) 1" })
    let later = wait.due(nowMs: 0)
    #expect(later.isEmpty)
  }

  @Test func `many alarms of a device become one message for chat`() throws {
    var batch = AlarmBatch(alarm(.normal, message: "m0"))
    #expect(ChatMessage(batch) == ChatMessage(alarm(.normal, message: "m0")))
    for i in 1..<30 { batch.add(alarm(i < 3 ? .minor : .normal, message: "m\(i)")) }
    let message = try #require(ChatMessage(batch))
    #expect(message.severity == .minor)
    #expect(message.title == "🟡 MINOR d: 30 alarms")
    #expect(message.facts.map { "\($0.name) \($0.value)" } == ["minor 2", "normal 28"])
    let lines = message.text.split(separator: "\n")
    #expect(lines.count == 21)
    #expect(lines.first == "🟢 NORMAL r: m0")
    #expect(lines.last == "and 10 more")
    let own = try #require(
      ChatMessage(batch, template: MessageTemplate(parsing: "{{message}}!")))
    #expect(own.text.hasPrefix("m0!\nm1!\n"))
  }
}
