/// Which leader epochs wrote a log, and where each begins (KIP-101, KIP-279).
struct LeaderEpochs: Hashable, Sendable {
  /// One epoch.
  struct Entry: Hashable, Sendable {
    var epoch: Int32
    var startOffset: Int64
  }

  /// By rising epoch and offset; never empty.
  private(set) var entries = [Entry(epoch: 0, startOffset: 0)]

  /// The epoch of the leader.
  var latest: Int32 { entries.last?.epoch ?? 0 }

  /// Begins the next epoch at the end of the log; one that wrote nothing is forgotten.
  mutating func begin(at logEndOffset: Int64) {
    let epoch = latest + 1
    entries.removeAll { $0.startOffset >= logEndOffset }
    entries.append(Entry(epoch: epoch, startOffset: logEndOffset))
  }

  /// The epoch of the record at an offset, or of the next where there is none yet.
  func epoch(at offset: Int64) -> Int32 {
    entries.last { $0.startOffset <= offset }?.epoch ?? entries.first?.epoch ?? 0
  }

  /// The largest epoch up to `epoch` that wrote, and where it ends; nil where the epoch is yet to come.
  func end(of epoch: Int32, logEndOffset: Int64) -> (epoch: Int32, endOffset: Int64)? {
    guard epoch >= 0, epoch <= latest else { return nil }
    guard let next = entries.first(where: { $0.epoch > epoch }) else {
      return (latest, logEndOffset)
    }
    return (entries.last { $0.epoch <= epoch }?.epoch ?? epoch, next.startOffset)
  }
}
