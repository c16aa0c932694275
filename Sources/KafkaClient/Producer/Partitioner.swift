/// Chooses a record's partition as librdkafka does, so that keys stay where kcat put them.
///
/// A null key, and an empty one under `consistentRandom`, goes to the sticky partition: one that is kept
/// until its batch closes or `sticky.partitioning.linger.ms` has passed, where the strategy has a random
/// part and that time is not 0.
public struct Partitioner: Sendable {
  /// The property `partitioner`.
  public enum Strategy: String, Sendable, CaseIterable {
    /// Each record anywhere.
    case random
    /// CRC-32 of the key; null and empty keys to the partition of the empty key.
    case consistent
    /// CRC-32 of the key; null and empty keys anywhere. librdkafka's default.
    case consistentRandom = "consistent_random"
    /// The Java client's hash; null keys to the partition of the empty key.
    case murmur2
    /// The Java client's hash; null keys anywhere.
    case murmur2Random = "murmur2_random"
    /// Sarama's hash; null keys to the partition of the empty key.
    case fnv1a
    /// Sarama's hash; null keys anywhere.
    case fnv1aRandom = "fnv1a_random"

    fileprivate var hasRandomPart: Bool {
      switch self {
      case .random, .consistentRandom, .murmur2Random, .fnv1aRandom: true
      case .consistent, .murmur2, .fnv1a: false
      }
    }
  }

  /// For each partition whether it has a leader; random choices prefer those that have.
  public var available: [Bool]
  private let strategy: Strategy
  private let stickyLingerMs: Int64
  private var random: SplitMix64
  private var sticky: Int32 = -1
  private var stickyUntilMs: Int64 = 0

  /// Makes a partitioner for one topic.
  ///
  /// `stickyLingerMs` 0 turns stickiness off; `seed` makes what is random repeatable.
  public init(
    _ strategy: Strategy, stickyLingerMs: Int64, seed: UInt64, available: [Bool] = []
  ) {
    self.available = available
    self.strategy = strategy
    self.stickyLingerMs = stickyLingerMs
    random = SplitMix64(seed: seed)
  }

  /// The partition of a record with that key; nil is the null key.
  ///
  /// −1 where the topic has no partitions.
  public mutating func partition(key: UnsafeRawBufferPointer?, nowMs: Int64) -> Int32 {
    guard !available.isEmpty else { return -1 }
    let count = UInt32(truncatingIfNeeded: available.count)
    guard let key, !(key.isEmpty && strategy == .consistentRandom) else {
      return partitionOfNull(nowMs)
    }
    let hash: UInt32
    switch strategy {
    case .random: return any()
    case .consistent, .consistentRandom: hash = KeyHash.crc32(key)
    case .murmur2, .murmur2Random: hash = KeyHash.murmur2(key) & 0x7fff_ffff
    case .fnv1a, .fnv1aRandom: hash = KeyHash.fnv1a(key)
    }
    return Int32(truncatingIfNeeded: hash % count)
  }

  /// The batch of `partition` closed: the next null key may go elsewhere.
  public mutating func batchClosed(partition: Int32) {
    if partition == sticky { sticky = -1 }
  }

  private mutating func partitionOfNull(_ nowMs: Int64) -> Int32 {
    guard strategy.hasRandomPart else {
      let empty = UnsafeRawBufferPointer(start: nil, count: 0)
      let hash: UInt32
      switch strategy {
      case .murmur2: hash = KeyHash.murmur2(empty) & 0x7fff_ffff
      case .fnv1a: hash = KeyHash.fnv1a(empty)
      case .consistent, .consistentRandom, .random, .murmur2Random, .fnv1aRandom:
        hash = KeyHash.crc32(empty)
      }
      return Int32(truncatingIfNeeded: hash % UInt32(truncatingIfNeeded: available.count))
    }
    guard stickyLingerMs > 0 else { return any() }
    let index = Int(sticky)
    if index < 0 || index >= available.count || !available[index] || nowMs >= stickyUntilMs {
      sticky = any()
      stickyUntilMs = nowMs + stickyLingerMs
    }
    return sticky
  }

  /// Any partition; where the first choice has no leader, one of those that have.
  private mutating func any() -> Int32 {
    let choice = random.below(available.count)
    if available[choice] { return Int32(truncatingIfNeeded: choice) }
    let led = available.indices.filter { available[$0] }
    guard !led.isEmpty else { return Int32(truncatingIfNeeded: choice) }
    return Int32(truncatingIfNeeded: led[random.below(led.count)])
  }
}

/// The hashes of keys.
enum KeyHash {
  /// CRC-32 as in zlib, by the reflected polynomial 0xEDB88320.
  static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc: UInt32 = ~0
    crcTable.withUnsafeBufferPointer { table in
      for byte in bytes {
        crc = table[Int((crc ^ UInt32(byte)) & 0xff)] ^ (crc >> 8)
      }
    }
    return ~crc
  }

  private static let crcTable: [UInt32] = (0..<256).map { index in
    var value = UInt32(index)
    for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xedb8_8320 }
    return value
  }

  /// MurmurHash2 with the seed of the Java client.
  static func murmur2(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let multiplier: UInt32 = 0x5bd1_e995
    var hash: UInt32 = 0x9747_b28c ^ UInt32(truncatingIfNeeded: bytes.count)
    var at = 0
    while bytes.count - at >= 4 {
      var word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
      word &*= multiplier
      word ^= word >> 24
      word &*= multiplier
      hash &*= multiplier
      hash ^= word
      at += 4
    }
    if at < bytes.count {
      for index in at..<bytes.count {
        hash ^= UInt32(bytes[index]) << UInt32(8 * (index - at))
      }
      hash &*= multiplier
    }
    hash ^= hash >> 13
    hash &*= multiplier
    hash ^= hash >> 15
    return hash
  }

  /// FNV-1a as Sarama uses it: the absolute value of the signed hash.
  static func fnv1a(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var hash: UInt32 = 0x811c_9dc5
    for byte in bytes {
      hash ^= UInt32(byte)
      hash &*= 0x0100_0193
    }
    return Int32(bitPattern: hash).magnitude
  }
}

/// A small generator of random numbers whose sequence a seed fixes.
struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 to `limit` − 1; 0 where the limit is less than 1.
  mutating func below(_ limit: Int) -> Int {
    limit < 1 ? 0 : Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(limit)).high)
  }
}
