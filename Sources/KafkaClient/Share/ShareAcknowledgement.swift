internal import KafkaProtocol

/// What becomes of an acquired record; the raw value is the wire's (KIP-932).
public enum AcknowledgeType: Int8, Sendable {
  /// There is no record at the offset: compacted away, or a transaction's marker.
  case gap = 0
  /// It is done with.
  case accept = 1
  /// It is to be delivered again, to whoever asks next.
  case release = 2
  /// It is not to be delivered again, although nobody has accepted it.
  case reject = 3
}

/// A range of offsets that are acknowledged alike.
public struct ShareAcknowledgement: Hashable, Sendable {
  /// The first and the last offset.
  public var offsets: ClosedRange<Int64>
  /// What becomes of the records.
  public var type: AcknowledgeType

  /// As ShareFetch and ShareAcknowledge have it: one type for all of the range.
  var batch: ShareFetchRequest.AcknowledgementBatch {
    var batch = ShareFetchRequest.AcknowledgementBatch()
    batch.firstOffset = offsets.lowerBound
    batch.lastOffset = offsets.upperBound
    batch.acknowledgeTypes = [type.rawValue]
    return batch
  }

  /// Acknowledges a range of offsets.
  public init(_ offsets: ClosedRange<Int64>, _ type: AcknowledgeType) {
    self.offsets = offsets
    self.type = type
  }
}

/// What one member has acquired of a partition by one answer, and what became of it so far.
///
/// Offsets that nobody has spoken of stay acquired until they are released with the session, or until their
/// lock runs out.
public struct AcquiredOffsets: Sendable {
  /// Ascending and apart from one another.
  public let ranges: [ClosedRange<Int64>]
  /// Ascending; neighbours of the same type are one.
  public private(set) var acknowledgements: [ShareAcknowledgement] = []
  /// Where in `ranges` the batch before the last began; batches come in ascending order.
  private var place = 0

  /// Takes the ranges of an answer; such as cannot be (S12) are left out.
  public init(_ ranges: some Sequence<(first: Int64, last: Int64)>) {
    var kept: [ClosedRange<Int64>] = []
    for range in ranges.sorted(by: { $0.first < $1.first })
    where range.first >= 0 && range.first <= range.last && range.last < .max {
      if let end = kept.last?.upperBound, range.first <= end { continue }
      kept.append(range.first...range.last)
    }
    self.ranges = kept
  }

  /// The same without offsets that were spoken of before; `said` is ascending.
  func without(_ said: [ShareAcknowledgement]) -> AcquiredOffsets {
    var kept: [(first: Int64, last: Int64)] = []
    for range in ranges {
      var next = range.lowerBound
      for known in said where known.offsets.overlaps(next...max(next, range.upperBound)) {
        if next < known.offsets.lowerBound { kept.append((next, known.offsets.lowerBound - 1)) }
        next = known.offsets.upperBound + 1
      }
      if next <= range.upperBound { kept.append((next, range.upperBound)) }
    }
    return AcquiredOffsets(kept)
  }

  /// How many offsets are acquired.
  public var count: Int64 { ranges.reduce(0) { $0 &+ Int64($1.count) } }

  /// What is acquired of the offsets of a batch; batches are asked for in ascending order.
  public mutating func overlap(from base: Int64, to next: Int64) -> [ClosedRange<Int64>] {
    while place < ranges.count, ranges[place].upperBound < base { place += 1 }
    var found: [ClosedRange<Int64>] = []
    for range in ranges[place...] {
      guard range.lowerBound < next else { break }
      found.append(max(range.lowerBound, base)...min(range.upperBound, next - 1))
    }
    return found
  }

  /// Says what becomes of offsets that are acquired and lie behind all that were spoken of.
  public mutating func acknowledge(_ offsets: ClosedRange<Int64>, _ type: AcknowledgeType) {
    if let last = acknowledgements.indices.last, acknowledgements[last].type == type,
      acknowledgements[last].offsets.upperBound + 1 == offsets.lowerBound
    {
      let first = acknowledgements[last].offsets.lowerBound
      acknowledgements[last].offsets = first...offsets.upperBound
    } else {
      acknowledgements.append(ShareAcknowledgement(offsets, type))
    }
  }

  /// Says what becomes of all acquired offsets below `end` of which nothing was said.
  public mutating func acknowledgeRest(below end: Int64, _ type: AcknowledgeType) {
    let said = acknowledgements
    acknowledgements = []
    var index = 0
    for range in ranges {
      var next = range.lowerBound
      while next <= range.upperBound {
        while index < said.count, said[index].offsets.upperBound < next { index += 1 }
        let until = index < said.count ? said[index].offsets.lowerBound : .max
        if until <= next {
          let last = min(said[index].offsets.upperBound, range.upperBound)
          acknowledge(next...last, said[index].type)
          next = last + 1
        } else {
          let last = min(range.upperBound, until - 1, end - 1)
          if last >= next { acknowledge(next...last, type) }
          next = min(range.upperBound, until - 1) + 1
        }
      }
    }
  }

  /// Takes back what was said of offsets from `first` on.
  public mutating func withdraw(from first: Int64) {
    acknowledgements.removeAll { $0.offsets.lowerBound >= first }
    if let last = acknowledgements.last, last.offsets.upperBound >= first {
      acknowledgements[acknowledgements.count - 1].offsets = last.offsets.lowerBound...first - 1
    }
  }
}
