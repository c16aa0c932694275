import KafkaClient
import KafkaProtocol
import Testing

@testable import HbcatCLI

struct QueryViewTests {
  private let view = QueryView([
    OffsetAnswer(OffsetQuery(TopicPartition("b", 1), timestamp: -1), offset: 7),
    OffsetAnswer(
      OffsetQuery(TopicPartition("b", 0), timestamp: 5),
      error: .broker(.topicAuthorizationFailed, message: nil)),
    OffsetAnswer(OffsetQuery(TopicPartition("a", 10), timestamp: 9)),
  ])

  @Test func `lines are sorted, and an error stands behind the time that was asked for`() {
    #expect(
      String(decoding: view.text(), as: UTF8.self) == """
        a [10] offset -1
        b [0] offset 5: Broker: Topic authorization failed
        b [1] offset 7

        """)
  }

  @Test func `answers of one partition stand as they were asked`() {
    let named = TopicPartition("a", 0)
    let twice = QueryView([
      OffsetAnswer(OffsetQuery(named, timestamp: -1), offset: 9),
      OffsetAnswer(OffsetQuery(named, timestamp: -2), offset: 1),
    ])
    #expect(String(decoding: twice.text(), as: UTF8.self) == "a [0] offset 9\na [0] offset 1\n")
  }

  @Test func `JSON is one object by topic and partition`() {
    #expect(
      String(decoding: view.json(), as: UTF8.self)
        == "{\"a\":{\"topic\":\"a\",\"10\":{\"partition\":10,\"offset\":-1}},"
        + "\"b\":{\"topic\":\"b\",\"0\":{\"partition\":0,\"offset\":5,"
        + "\"error\":\"Broker: Topic authorization failed\"},"
        + "\"1\":{\"partition\":1,\"offset\":7}}}\n")
  }
}
