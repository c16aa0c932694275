import KafkaProtocol
import Testing

@testable import KafkaClient

/// New leaders that Produce and Fetch responses name (KIP-951).
@Suite struct LeaderHintTests {
  private func metadata() -> ClusterMetadata {
    var response = MetadataResponse()
    var broker = MetadataResponse.Broker()
    (broker.nodeId, broker.host, broker.port) = (1, "one", 9092)
    response.brokers = [broker]
    var topic = MetadataResponse.Topic()
    topic.name = "t"
    var partition = MetadataResponse.Partition()
    (partition.partitionIndex, partition.leaderId, partition.leaderEpoch) = (0, 1, 5)
    topic.partitions = [partition]
    response.topics = [topic]
    var metadata = ClusterMetadata()
    metadata.merge(response, isComplete: true)
    return metadata
  }

  @Test func `F30: a newer leader is taken over, with an address that was not known`() {
    var metadata = metadata()
    metadata.apply(
      leader: 2, epoch: 6, topic: "t", partition: 0,
      endpoint: .init(nodeId: 2, host: "two", port: 9093))
    #expect(metadata.topic("t")?.partition(0)?.leaderId == 2)
    #expect(metadata.topic("t")?.partition(0)?.leaderEpoch == 6)
    #expect(metadata.broker(2)?.address == "two:9093")
    #expect(metadata.broker(1)?.address == "one:9092")
  }

  @Test(arguments: [
    (Int32(2), Int32(5), "t", Int32(0)), (2, 4, "t", 0), (-1, 6, "t", 0), (2, 6, "u", 0),
    (2, 6, "t", 1),
  ])
  func `F30: a leader that is not newer, or of nothing that is known, changes nothing`(
    _ leader: Int32, _ epoch: Int32, _ topic: String, _ partition: Int32
  ) {
    var metadata = metadata()
    metadata.apply(
      leader: leader, epoch: epoch, topic: topic, partition: partition,
      endpoint: .init(nodeId: leader, host: "two", port: 9093))
    #expect(metadata.topic("t")?.partition(0)?.leaderId == 1)
    #expect(metadata.brokers.count == 1)
  }

  @Test(arguments: [("", Int32(9092)), ("two", 0), ("two", 70_000), ("two\n", 9092)])
  func `S13: an address that cannot be one is left out`(_ host: String, _ port: Int32) {
    var metadata = metadata()
    metadata.apply(
      leader: 2, epoch: 6, topic: "t", partition: 0,
      endpoint: .init(nodeId: 2, host: host, port: port))
    #expect(metadata.brokers.count == 1)
    #expect(metadata.topic("t")?.partition(0)?.leaderId == 2)
  }
}
