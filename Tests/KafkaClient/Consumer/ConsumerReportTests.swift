import KafkaProtocol
import Testing
import Transport

@testable import KafkaClient

/// What of the main thread's reports may be committed.
@Net @Suite struct ConsumerReportTests {
  @Test func `a late report of a partition's former assignment is not what is committed`() throws {
    var configuration = ClientConfiguration()
    configuration.bootstrapServers = [.init(host: "127.0.0.1", port: 1)]
    let cluster = Cluster(configuration) { _ in }
    let events = Handover<ConsumerEvent>()
    let consumer = Consumer(
      cluster, configuration: ConsumerConfiguration(), stopAtEnd: false, events: events,
      log: { _ in })
    let place = TopicPartition("t", 0)
    var assigned: [AssignedPartition] = []
    for offset: Int64 in [100, 900] {
      consumer.add([PartitionStart(place, from: .spec(.absolute(offset)))])
      if offset == 100 { consumer.revoke([place]) }
    }
    while let event = events.take(timeoutMs: 0) {
      if case .assigned(let list) = event { assigned += list }
    }
    try #require(assigned.count == 2)
    func report(_ assigned: AssignedPartition, _ offset: Int64) -> WrittenReport {
      WrittenReport(
        number: 0, positions: [WrittenPosition(assigned, offset: offset, leaderEpoch: -1)])
    }
    consumer.take(report(assigned[0], 500))
    #expect(consumer.written[place] == nil)
    consumer.take(report(assigned[1], 910))
    #expect(consumer.written[place]?.offset == 910)
    consumer.take(report(assigned[0], 600))
    #expect(consumer.written[place]?.offset == 910)
    // What is revoked is still committed.
    consumer.revoke([place])
    consumer.take(report(assigned[1], 920))
    #expect(consumer.written[place]?.offset == 920)
    consumer.stop()
    cluster.close()
  }
}
