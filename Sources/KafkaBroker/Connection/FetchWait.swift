import Transport

/// A Fetch that waits until enough bytes were appended or its time is over.
@Net final class FetchWait: Wait {
  private var missingBytes: Int
  private var partitions: [Partition]
  private var timer: Timer?
  private let answer: @Net () -> Outcome
  var finished: (@Net (Outcome) -> Void)?

  /// Waits for `missingBytes` in `partitions`; `answer` is asked when they are there or time is over.
  init(
    missingBytes: Int, partitions: [Partition], maxWaitMs: Int64,
    answer: @escaping @Net () -> Outcome
  ) {
    self.missingBytes = missingBytes
    self.partitions = partitions
    self.answer = answer
    for partition in partitions { partition.waiters.append(self) }
    timer = Timer(afterMs: maxWaitMs) { [weak self] in self?.finish() }
  }

  /// Notes an append; true when there is enough.
  func appended(_ count: Int) -> Bool {
    missingBytes -= count
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
