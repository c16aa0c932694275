/// Which broker coordinates a group or a transactional id.
enum CoordinatorChoice {
  /// The same number for the same key at any time (FNV-1a).
  static func hash(_ key: String) -> UInt64 {
    key.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  /// One of the brokers that are up; nil if none is.
  static func broker(for key: String, among ids: [Int32]) -> Int32? {
    guard !ids.isEmpty else { return nil }
    return ids[Int(hash(key) % UInt64(ids.count))]
  }
}
