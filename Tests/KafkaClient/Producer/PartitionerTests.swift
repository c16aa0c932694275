import Testing

@testable import KafkaClient

@Suite struct PartitionerTests {
  private let four = [true, true, true, true]

  private func partition(_ strategy: Partitioner.Strategy, _ key: String?, of available: [Bool])
    -> Int32
  {
    var partitioner = Partitioner(strategy, stickyLingerMs: 10, seed: 1, available: available)
    guard let key else { return partitioner.partition(key: nil, nowMs: 0) }
    return Array(key.utf8).withUnsafeBytes { partitioner.partition(key: $0, nowMs: 0) }
  }

  private func hash(_ key: String, _ body: (UnsafeRawBufferPointer) -> UInt32) -> UInt32 {
    Array(key.utf8).withUnsafeBytes(body)
  }

  @Test(
    arguments: [
      ("a", 0xe8b7_be43, 3, 0xa2d0_b27c, 0), ("key", 0x8a90_aba9, 1, 0xbfa1_76a9, 1),
      ("k1", 0x960e_a0a9, 1, 0x6460_7d29, 1), ("hello", 0x3610_a686, 2, 0x7f1d_dbbd, 1),
      ("123", 0x8848_63d2, 2, 0xf00b_2f2d, 1), ("user-42", 0x7d06_b873, 3, 0x5700_682c, 0),
    ] as [(String, UInt32, Int32, UInt32, Int32)])
  func `keys go where kcat puts them`(
    key: String, crc: UInt32, consistent: Int32, murmur: UInt32, murmur2: Int32
  ) {
    #expect(hash(key, KeyHash.crc32) == crc)
    #expect(hash(key, KeyHash.murmur2) == murmur)
    #expect(partition(.consistentRandom, key, of: four) == consistent)
    #expect(partition(.consistent, key, of: four) == consistent)
    #expect(partition(.murmur2Random, key, of: four) == murmur2)
    #expect(partition(.murmur2, key, of: four) == murmur2)
  }

  @Test(
    arguments: [
      ("kafka", 0x0d33_c4e1), ("giberish123456789", 0x77a5_8295), ("1234", 0x023b_dd03),
      ("234", 0x2dea_3cd2), ("34", 0x740f_a83e), ("4", 0x310c_a263), ("", 0x7ee3_623b),
      ("PreAmbleWillBeRemoved,ThePrePartThatIs", 0x65cb_d69c),
    ] as [(String, UInt32)])
  func `fnv1a is Sarama's`(key: String, expected: UInt32) {
    #expect(hash(key, KeyHash.fnv1a) == expected)
    #expect(partition(.fnv1a, key, of: four) == Int32(expected % 4))
  }

  @Test func `a null key and an empty key obey librdkafka's rules`() {
    // The hash of nothing: CRC-32 0, murmur2 0x106e08d9, FNV-1a 0x7ee3623b.
    #expect(partition(.consistent, nil, of: four) == 0)
    #expect(partition(.consistent, "", of: four) == 0)
    #expect(partition(.murmur2, nil, of: four) == 1)
    #expect(partition(.murmur2, "", of: four) == 1)
    #expect(partition(.murmur2Random, "", of: four) == 1)
    #expect(partition(.fnv1a, nil, of: four) == 3)
    #expect(partition(.fnv1aRandom, "", of: four) == 3)
    // Where they are random, one partition with a leader is always found.
    let one = [false, false, true, false]
    for strategy in [Partitioner.Strategy.random, .consistentRandom, .murmur2Random, .fnv1aRandom] {
      #expect(partition(strategy, nil, of: one) == 2)
    }
    #expect(partition(.consistentRandom, "", of: one) == 2)
  }

  @Test func `a null key sticks to its partition until the batch closes or the time is over`() {
    var partitioner = Partitioner(.consistentRandom, stickyLingerMs: 10, seed: 7)
    partitioner.available = [Bool](repeating: true, count: 1000)
    let first = partitioner.partition(key: nil, nowMs: 0)
    #expect(partitioner.partition(key: nil, nowMs: 9) == first)
    partitioner.batchClosed(partition: first &+ 1)
    #expect(partitioner.partition(key: nil, nowMs: 9) == first)
    partitioner.batchClosed(partition: first)
    let second = partitioner.partition(key: nil, nowMs: 9)
    #expect(second != first)
    #expect(partitioner.partition(key: nil, nowMs: 18) == second)
    #expect(partitioner.partition(key: nil, nowMs: 19) != second)
  }

  @Test func `without stickiness null keys spread over all partitions`() {
    var partitioner = Partitioner(.consistentRandom, stickyLingerMs: 0, seed: 3, available: four)
    var counts = [Int](repeating: 0, count: 4)
    for _ in 0..<4000 {
      counts[Int(partitioner.partition(key: nil, nowMs: 0))] += 1
    }
    #expect(counts.allSatisfy { (850...1150).contains($0) })
  }

  @Test func `random sends a record with a key anywhere`() {
    var partitioner = Partitioner(.random, stickyLingerMs: 10, seed: 3, available: four)
    var seen: Set<Int32> = []
    [UInt8(1)].withUnsafeBytes { key in
      for _ in 0..<200 {
        seen.insert(partitioner.partition(key: key, nowMs: 0))
      }
    }
    #expect(seen == [0, 1, 2, 3])
  }

  @Test func `a partition that lost its leader is left by null keys and kept by keys`() {
    var partitioner = Partitioner(
      .consistentRandom, stickyLingerMs: 10, seed: 5, available: four)
    let sticky = partitioner.partition(key: nil, nowMs: 0)
    partitioner.available[Int(sticky)] = false
    #expect(partitioner.partition(key: nil, nowMs: 1) != sticky)
    #expect(partition(.consistentRandom, "a", of: [true, true, true, false]) == 3)
  }

  @Test func `no partitions means no partition`() {
    #expect(partition(.consistentRandom, nil, of: []) == -1)
    #expect(partition(.murmur2, "k", of: []) == -1)
  }
}
