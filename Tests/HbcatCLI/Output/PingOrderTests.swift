import KafkaClient
import Testing

@testable import HbcatCLI

@Suite struct PingOrderTests {
  private static let one = ProbeTarget(host: "one", port: 1)
  private static let two = ProbeTarget(host: "two", port: 2)
  private static let broker = ProbeTarget(host: "one", port: 1, brokerId: 7)

  private static func step(_ kind: ProbeStep.Kind) -> ProbeStep {
    ProbeStep(kind, microseconds: 0, .success(.connected))
  }

  /// What is shown after each event.
  private static func shown(_ events: [ProbeEvent]) -> [[String]] {
    var order = PingOrder()
    return events.map { event in
      order.take(event).map { "\($0.0.name) \($0.1.kind.rawValue)" }
    }
  }

  @Test func `the first server's steps are shown at once, those of others when it has ended`() {
    #expect(
      Self.shown([
        .found([Self.one, Self.two]), .step(Self.two, Self.step(.resolve)),
        .step(Self.one, Self.step(.resolve)), .step(Self.two, Self.step(.connect)),
        .ended(Self.one, nil), .step(Self.two, Self.step(.metadata)), .ended(Self.two, nil),
      ]) == [
        [], [], ["one:1/bootstrap resolve"], [],
        ["two:2/bootstrap resolve", "two:2/bootstrap connect"], ["two:2/bootstrap metadata"], [],
      ])
  }

  @Test func `brokers come behind the servers that name them, though these go on`() {
    #expect(
      Self.shown([
        .found([Self.one, Self.two]), .step(Self.one, Self.step(.metadata)),
        .ended(Self.one, nil), .found([Self.broker]), .step(Self.broker, Self.step(.resolve)),
        .ended(Self.broker, nil), .step(Self.two, Self.step(.resolve)), .ended(Self.two, nil),
      ]) == [
        [], ["one:1/bootstrap metadata"], [], [], [], [], ["two:2/bootstrap resolve"],
        ["one:1/7 resolve"],
      ])
  }
}
