import Transport

/// A Fetch that waits until enough bytes were appended or its time is over.
@Net final class FetchWait: Wait {
  private var missingBytes: Int
  private let committedOnly: Bool
  private var partitions: [Partition]
  private var timer: Timer?
  private let answer: @Net () -> Outcome
  var finished: (@Net (Outcome) -> Void)?

  /// Waits for `missingBytes` in `partitions`; `answer` is asked when they are there or time is over.
  ///
  /// With `committedOnly` bytes of open transactions do not count.
  init(
    missingBytes: Int, committedOnly: Bool, partitions: [Partition], maxWaitMs: Int64,
    answer: @escaping @Net () -> Outcome
  ) {
    self.missingBytes = missingBytes
    self.committedOnly = committedOnly
    self.partitions = partitions
    self.answer = answer
    for partition in partitions { partition.waiters.append(self) }
    timer = Timer(afterMs: maxWaitMs) { [weak self] in self?.finish() }
  }

  /// Notes that a partition has more bytes, by what a fetch may see; true when there is enough.
  func gained(all: Int, committed: Int) -> Bool {
    missingBytes -= committedOnly ? committed : all
    return missingBytes <= 0
  }

  func finish() {
    guard let finished else { return }
    cancel()
    finished(answer())
  }

  func cancel() {
    finished = nil
    timer?.cancel()
    timer = nil
    for partition in partitions { partition.waiters.removeAll { $0 === self } }
    partitions = []
  }
}
