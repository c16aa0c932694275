import KafkaProtocol
import Testing

/// Nulls in the places where only some messages have them.
struct NullTests {
  private func read<M: WireStruct>(_ type: M.Type, _ bytes: [UInt8], version: Int16) throws -> M {
    try bytes.withUnsafeBytes { try M.decode($0, version: version, isFlexible: true).message }
  }

  /// Throttle time, error, message null, member id null, epoch 5, interval 3000.
  private let head: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0x0b, 0xb8]

  @Test func `an assignment that has not changed is another than an empty one`() throws {
    typealias Response = ConsumerGroupHeartbeatResponse
    var response = Response()
    response.memberEpoch = 5
    response.heartbeatIntervalMs = 3000
    let unchanged = head + [0xff, 0]
    #expect(try response.encode(version: 0, isFlexible: true).bytes == unchanged)
    #expect(try read(Response.self, unchanged, version: 0).assignment == nil)
    response.assignment = Response.Assignment()
    // The marker, no topics, no tags of the assignment, no tags of the response.
    let empty = head + [1, 1, 0, 0]
    #expect(try response.encode(version: 0, isFlexible: true).bytes == empty)
    #expect(try read(Response.self, empty, version: 0).assignment?.topicPartitions.isEmpty == true)
  }

  @Test func `topics that have not changed are others than no topics`() throws {
    typealias Request = ShareGroupHeartbeatRequest
    for (names, bytes) in [(nil, [0]), ([], [1]), ([""], [2, 1])] as [([String]?, [UInt8])] {
      var request = Request()
      request.subscribedTopicNames = names
      // Group and member are empty, epoch 0, rack null.
      let wire = [1, 1, 0, 0, 0, 0, 0] + bytes + [0]
      #expect(try request.encode(version: 1, isFlexible: true).bytes == wire)
      #expect(try read(Request.self, wire, version: 1).subscribedTopicNames == names)
    }
  }

  @Test func `only version 0 of ShareFetch has null for records`() throws {
    typealias Partition = ShareFetchResponse.Partition
    let partition = Partition()
    // Partition, error, message, error, message, leader, its epoch and no tags, records, acquired, no
    // tags.
    let wire = [UInt8](repeating: 0, count: 4 + 2 + 1 + 2 + 1 + 9 + 1) + [1, 0]
    #expect(try partition.encode(version: 0, isFlexible: true).bytes == wire)
    #expect(try read(Partition.self, wire, version: 0).records == nil)
    #expect(throws: WireError.unexpectedNull) {
      try partition.encode(version: 1, isFlexible: true)
    }
    #expect(throws: WireError.unexpectedNull) { try read(Partition.self, wire, version: 1) }
  }
}
