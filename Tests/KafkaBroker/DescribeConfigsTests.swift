import KafkaProtocol
import Testing
import Transport

@testable import KafkaBroker

/// Settings over a socket, with requests made by hand.
struct DescribeConfigsTests {
  private func resource(
    _ type: Int8, _ name: String, _ keys: [String]? = nil
  ) -> DescribeConfigsRequest.Resource {
    var resource = DescribeConfigsRequest.Resource()
    resource.resourceType = type
    resource.resourceName = name
    resource.configurationKeys = keys
    return resource
  }

  @Net @Test func `topics and brokers tell their settings, in every version`() async throws {
    let broker = try startBroker(["t"]) { $0.maxMessageBytes = 5000 }
    let client = try await TestClient(broker)
    for version in DescribeConfigsHandler.versions {
      var request = DescribeConfigsRequest()
      request.resources = [
        resource(2, "t", ["max.message.bytes", "cleanup.policy", "no.such"]),
        resource(4, "1001", ["message.max.bytes", "num.partitions"]),
        resource(2, "t"), resource(4, "1001"),
      ]
      let response = try await client.call(request, version: version)
      try #require(response.results.map(\.errorCode) == [.none, .none, .none, .none])
      let topic = response.results[0].configs
      #expect(topic.map(\.name) == ["cleanup.policy", "max.message.bytes"])
      #expect(topic.map(\.value) == ["delete", "5000"])
      #expect(topic.map(\.configSource) == [5, 4])
      #expect(response.results[1].configs.map(\.value) == ["5000", "1"])
      #expect(response.results[2].configs.count > 2 && response.results[3].configs.count > 2)
    }
    #expect(broker.violations == [])
    await broker.stop()
  }

  @Net @Test func `what has no settings is an error of its own`() async throws {
    let broker = try startBroker(["t"])
    let client = try await TestClient(broker)
    var request = DescribeConfigsRequest()
    request.resources = [
      resource(2, "absent"), resource(2, "bad/name"), resource(4, "7"), resource(8, "1001"),
      resource(2, "t"),
    ]
    let response = try await client.call(request, version: 4)
    #expect(
      response.results.map(\.errorCode) == [
        .unknownTopicOrPartition, .invalidTopic, .invalidRequest, .invalidRequest, .none,
      ])
    #expect(response.results.map(\.resourceName) == ["absent", "bad/name", "7", "1001", "t"])
    await broker.stop()
  }
}
