/// The values of a field in the last while.
struct RuleWindow: Hashable, Sendable {
  /// A value and when it was, in milliseconds since 1970.
  struct Sample: Hashable, Sendable {
    var timeMs: Int64
    var value: RuleValue
  }

  /// The most values, however long the time is.
  static let samplesMax = 1024

  /// The oldest first; what is before `head` has been given up.
  private var storage: [Sample] = []
  private var head = 0

  /// The values, the oldest first.
  var samples: ArraySlice<Sample> { storage[head...] }

  /// Adds a value, and gives up what is neither in the time range nor one of the last two.
  ///
  /// The last value come again is not added. `samplesMax` is at least 2. Returns by how many values the window has grown.
  mutating func append(_ sample: Sample, windowMs: Int64, samplesMax: Int) -> Int {
    if samples.last == sample { return 0 }
    let before = samples.count
    storage.append(sample)
    while samples.count > 2,
      samples.count > samplesMax || storage[head].timeMs < sample.timeMs - windowMs
    { head += 1 }
    if head > storage.count / 2 {
      storage.removeFirst(head)
      head = 0
    }
    return samples.count - before
  }

  /// The values that are not older than a time.
  func samples(sinceMs: Int64) -> ArraySlice<Sample> {
    // Times grow, so that the first that counts can be searched for.
    var low = head
    var high = storage.count
    while low < high {
      let middle = low + (high - low) / 2
      if storage[middle].timeMs < sinceMs { low = middle + 1 } else { high = middle }
    }
    return storage[low...]
  }
}
