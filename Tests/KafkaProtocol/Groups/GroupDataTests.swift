import KafkaProtocol
import Testing

struct GroupDataTests {
  /// Topic "t", user data null, owned: partitions 1 and 2 of "t", generation 7, rack "r".
  private let body: [UInt8] =
    [0, 0, 0, 1, 0, 1, 0x74, 0xff, 0xff, 0xff, 0xff]
    + [0, 0, 0, 1, 0, 1, 0x74, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]
    + [0, 0, 0, 7, 0, 1, 0x72]

  private var subscription: ConsumerProtocolSubscription {
    var owned = ConsumerProtocolSubscription.TopicPartition()
    owned.topic = "t"
    owned.partitions = [1, 2]
    var subscription = ConsumerProtocolSubscription()
    subscription.topics = ["t"]
    subscription.ownedPartitions = [owned]
    subscription.generationId = 7
    subscription.rackId = "r"
    return subscription
  }

  @Test func `a subscription is written behind its version`() throws {
    #expect(try subscription.encode(version: 3) == [0, 3] + body)
    // The older ones leave out what they lack, as Kafka's do.
    #expect(try subscription.encode(version: 0) == [0, 0] + body.prefix(11))
    #expect(try subscription.encode(version: 1) == [0, 1] + body.prefix(30))
    let unknown = WireError.unsupportedVersion(api: "ConsumerProtocolSubscription", version: 4)
    #expect(throws: unknown) { try subscription.encode(version: 4) }
  }

  @Test func `a subscription of a newer version is read as the newest known`() throws {
    for (bytes, version) in [([0, 3] + body, 3), ([0, 9] + body + [1, 2], 3)] as [([UInt8], Int16)]
    {
      let read = try ConsumerProtocolSubscription.decode(bytes)
      #expect(read.version == version)
      #expect(read.data.topics == ["t"] && read.data.userData == nil)
      #expect(read.data.ownedPartitions.map(\.partitions) == [[1, 2]])
      #expect(read.data.generationId == 7 && read.data.rackId == "r")
    }
  }

  @Test func `no bytes, a negative version and every prefix are errors`() {
    #expect(throws: WireError.truncated(missing: 2)) { try ConsumerProtocolAssignment.decode([]) }
    let negative = WireError.unsupportedVersion(api: "ConsumerProtocolAssignment", version: -1)
    #expect(throws: negative) {
      try ConsumerProtocolAssignment.decode([0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0])
    }
    let bytes = [0, 3] + body
    for count in bytes.indices {
      #expect(throws: WireError.self) {
        try ConsumerProtocolSubscription.decode([UInt8](bytes[..<count]))
      }
    }
  }

  @Test func `a flipped byte gives an error or a subscription`() {
    let bytes = [0, 3] + body
    var refused = 0
    for index in bytes.indices {
      for mask in [0xff, 0x80, 0x01] as [UInt8] {
        var flipped = bytes
        flipped[index] ^= mask
        do { _ = try ConsumerProtocolSubscription.decode(flipped) } catch { refused += 1 }
      }
    }
    #expect(refused > 0 && refused < 3 * bytes.count)
  }
}
