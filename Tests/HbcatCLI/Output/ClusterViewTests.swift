import KafkaClient
import Testing

@testable import HbcatCLI

@Suite struct ClusterViewTests {
  static func partitions(_ leaders: [Int32]) -> [ClusterView.Partition] {
    leaders.enumerated().map { id, leader in
      ClusterView.Partition(id: Int32(id), leader: leader, replicas: [1, 2, 3], isrs: [1, 2, 3])
    }
  }

  static let mock = ClusterView(
    originatingBrokerId: 2, originatingBrokerName: "127.0.0.1:40389/2",
    brokers: [
      ClusterView.Broker(id: 1, host: "127.0.0.1", port: 41577),
      ClusterView.Broker(id: 2, host: "127.0.0.1", port: 40389),
      ClusterView.Broker(id: 3, host: "127.0.0.1", port: 44301),
    ],
    topics: [
      ClusterView.Topic(name: "ok", partitions: partitions([3, 1])),
      ClusterView.Topic(name: "unk", error: "Broker: Unknown topic or partition"),
      ClusterView.Topic(
        name: "lna", error: "Broker: Leader not available", tryAgain: true,
        partitions: partitions([2, 3])),
      ClusterView.Topic(name: "noleader", partitions: partitions([2, -1])),
      ClusterView.Topic(
        name: "noauth", error: "Broker: Topic authorization failed", partitions: partitions([1])),
    ])

  @Test func `a cluster with errors is listed as kcat lists it`() {
    #expect(
      String(decoding: Self.mock.text(), as: UTF8.self) == """
        Metadata for all topics (from broker 2: 127.0.0.1:40389/2):
         3 brokers:
          broker 1 at 127.0.0.1:41577
          broker 2 at 127.0.0.1:40389
          broker 3 at 127.0.0.1:44301
         5 topics:
          topic "ok" with 2 partitions:
            partition 0, leader 3, replicas: 1,2,3, isrs: 1,2,3
            partition 1, leader 1, replicas: 1,2,3, isrs: 1,2,3
          topic "unk" with 0 partitions: Broker: Unknown topic or partition
          topic "lna" with 2 partitions: Broker: Leader not available (try again)
            partition 0, leader 2, replicas: 1,2,3, isrs: 1,2,3
            partition 1, leader 3, replicas: 1,2,3, isrs: 1,2,3
          topic "noleader" with 2 partitions:
            partition 0, leader 2, replicas: 1,2,3, isrs: 1,2,3
            partition 1, leader -1, replicas: 1,2,3, isrs: 1,2,3
          topic "noauth" with 1 partitions: Broker: Topic authorization failed
            partition 0, leader 1, replicas: 1,2,3, isrs: 1,2,3

        """)
  }

  static let single = ClusterView(
    topic: "test", originatingBrokerId: 1001, originatingBrokerName: "h:9092/1001",
    controllerId: 1001, brokers: [ClusterView.Broker(id: 1001, host: "h", port: 9092)],
    topics: [
      ClusterView.Topic(
        name: "test",
        partitions: [
          ClusterView.Partition(id: 0, leader: 1001, replicas: [1001], isrs: [1001]),
          ClusterView.Partition(id: 1, leader: -1, error: "Broker: Leader not available"),
        ])
    ])

  @Test func `the controller, the topic asked for and a partition's error are marked`() {
    #expect(
      String(decoding: Self.single.text(), as: UTF8.self) == """
        Metadata for test (from broker 1001: h:9092/1001):
         1 brokers:
          broker 1001 at h:9092 (controller)
         1 topics:
          topic "test" with 2 partitions:
            partition 0, leader 1001, replicas: 1001, isrs: 1001
            partition 1, leader -1, replicas: , isrs: , Broker: Leader not available

        """)
  }

  @Test func `the listing in JSON is kcat's, and a newline`() {
    #expect(
      String(decoding: Self.single.json(), as: UTF8.self) == """
        {"originating_broker":{"id":1001,"name":"h:9092/1001"},"query":{"topic":"test"},\
        "controllerid":1001,"brokers":[{"id":1001,"name":"h:9092"}],"topics":[{"topic":"test",\
        "partitions":[{"partition":0,"leader":1001,"replicas":[{"id":1001}],"isrs":[{"id":1001}]},\
        {"partition":1,"error":"Broker: Leader not available","leader":-1,"replicas":[],"isrs":[]}]}]}

        """)
    let text = String(decoding: Self.mock.json(), as: UTF8.self)
    #expect(text.contains(#""query":{"topic":"*"},"controllerid":-1,"#))
    #expect(
      text.contains(
        #"{"topic":"unk","error":"Broker: Unknown topic or partition","partitions":[]}"#))
    let empty = ClusterView(originatingBrokerId: -1, originatingBrokerName: "h:1/bootstrap")
    #expect(
      String(decoding: empty.json(), as: UTF8.self) == """
        {"originating_broker":{"id":-1,"name":"h:1/bootstrap"},"query":{"topic":"*"},\
        "controllerid":-1,"brokers":[],"topics":[]}

        """)
  }

  @Test func `offsets and configurations stand with their partition and topic, if asked for`() {
    var view = Self.single
    view.topics[0].configs = .known([
      TopicConfig("cleanup.policy", "compact", source: .topic),
      TopicConfig("retention.ms", "5", source: .broker),
      TopicConfig("secret", nil, source: .topic, isSensitive: true),
      TopicConfig("unset", nil, source: .default),
    ])
    view.topics[0].partitions[0].offsets = .known(ClusterView.Span(low: 2, high: 9))
    view.topics[0].partitions[1].offsets = .unknown("Broker: Leader not available")
    #expect(
      String(decoding: view.text(), as: UTF8.self).hasSuffix(
        """
          topic "test" with 2 partitions:
            config cleanup.policy=compact
            config retention.ms=5 (broker)
            config secret=[redacted]
            config unset= (default)
            partition 0, leader 1001, replicas: 1001, isrs: 1001, offsets: 2..9
            partition 1, leader -1, replicas: , isrs: , \
        offsets: unknown (Broker: Leader not available), Broker: Leader not available

        """))
    #expect(
      String(decoding: view.json(), as: UTF8.self).hasSuffix(
        """
        "topics":[{"topic":"test","configs":[\
        {"name":"cleanup.policy","value":"compact","source":"topic"},\
        {"name":"retention.ms","value":"5","source":"broker"},\
        {"name":"secret","value":"[redacted]","source":"topic"},\
        {"name":"unset","value":null,"source":"default"}],"partitions":[\
        {"partition":0,"leader":1001,"replicas":[{"id":1001}],"isrs":[{"id":1001}],\
        "low":2,"high":9},\
        {"partition":1,"error":"Broker: Leader not available","leader":-1,"replicas":[],"isrs":[],\
        "offsets_error":"Broker: Leader not available"}]}]}

        """))
    view.topics[0].configs = .unknown("Broker: Topic authorization failed")
    #expect(
      String(decoding: view.text(), as: UTF8.self).contains(
        "    config unknown (Broker: Topic authorization failed)\n"))
    #expect(
      String(decoding: view.json(), as: UTF8.self).contains(
        #""configs_error":"Broker: Topic authorization failed","partitions""#))
  }

  @Test func `hostile names are harmless on a terminal and escaped in JSON`() {
    var view = Self.single
    view.brokers[0].host = "a\u{1b}]0;x\u{7}b"
    view.topics[0].name = "t\"\u{9b}"
    let text = String(decoding: view.text(forTerminal: true), as: UTF8.self)
    #expect(text.contains("broker 1001 at a\\x1b]0;x\\x07b:9092 (controller)"))
    #expect(text.contains("topic \"t\"\\x9b\" with"))
    #expect(String(decoding: view.text(), as: UTF8.self).contains("a\u{1b}]0;x\u{7}b"))
    let json = String(decoding: view.json(forTerminal: true), as: UTF8.self)
    #expect(json.contains(#""name":"a\u001B]0;x\u0007b:9092""#))
    #expect(json.contains(#""topic":"t\"\u009B""#))
  }
}
