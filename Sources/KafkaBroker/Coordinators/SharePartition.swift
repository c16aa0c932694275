import KafkaProtocol

/// What a share group has done with the records of one partition, as a value (KIP-932).
///
/// It knows the state of each offset between the first one that is not settled and the last one that was
/// acquired. It differs from Kafka in one thing: a batch is not acquired whole where that would exceed
/// the number of records that the client wants.
struct SharePartition: Sendable {
  /// Offsets whose state is known at a time (`group.share.partition.max.record.locks`).
  static let slotsMax = 2000
  /// How often a record is delivered before it is given up (`group.share.delivery.count.limit`).
  static let deliveriesMax: Int16 = 5

  private enum State: Sendable {
    case available
    case acquired
    /// Accepted, rejected, or given up.
    case settled
  }

  private struct Slot: Sendable {
    var state = State.available
    var deliveryCount: Int16 = 0
    /// The session that has acquired it.
    var owner: Int32 = -1
    var lockEndMs: Int64 = 0
  }

  /// One acknowledgement: what shall become of some offsets.
  struct Acknowledgement: Sendable {
    var firstOffset: Int64
    var lastOffset: Int64
    /// One for all, or one for each: 0 gap, 1 accept, 2 release, 3 reject, 4 renew.
    var types: [Int8]
  }

  /// The first offset that is not settled.
  private(set) var startOffset: Int64
  private var slots: [Slot] = []

  init(startOffset: Int64) { self.startOffset = startOffset }

  /// Offsets whose state is kept.
  var slotCount: Int { slots.count }

  /// When `expire` must be called; nil where nothing is acquired.
  var deadlineMs: Int64? {
    slots.reduce(nil) { first, slot in
      slot.state == .acquired ? min(first ?? .max, slot.lockEndMs) : first
    }
  }

  /// The first offset that could be acquired; nil where too many are on their way.
  var nextOffset: Int64? {
    if let place = slots.firstIndex(where: { $0.state == .available }) {
      return startOffset + Int64(place)
    }
    return slots.count < Self.slotsMax ? startOffset + Int64(slots.count) : nil
  }

  /// Acquires what is available before `end`, at most so many records.
  mutating func acquire(
    upTo end: Int64, recordsMax: Int, owner: Int32, lockEndMs: Int64
  ) -> [ShareFetchResponse.AcquiredRecords] {
    guard let first = nextOffset else { return [] }
    var acquired: [ShareFetchResponse.AcquiredRecords] = []
    var left = recordsMax
    var offset = first
    while offset < end, left > 0 {
      let place = Int(offset - startOffset)
      if place == slots.count {
        guard place < Self.slotsMax else { break }
        slots.append(Slot())
      }
      if slots[place].state == .available {
        left -= 1
        slots[place].state = .acquired
        slots[place].deliveryCount += 1
        slots[place].owner = owner
        slots[place].lockEndMs = lockEndMs
        let count = slots[place].deliveryCount
        if let last = acquired.last, last.lastOffset == offset - 1, last.deliveryCount == count {
          acquired[acquired.count - 1].lastOffset = offset
        } else {
          var row = ShareFetchResponse.AcquiredRecords()
          (row.firstOffset, row.lastOffset, row.deliveryCount) = (offset, offset, count)
          acquired.append(row)
        }
      }
      offset += 1
    }
    return acquired
  }

  /// Settles, releases or holds on to what a session has acquired; all of it or, with an error, nothing.
  ///
  /// A renewal holds until `lockEndMs`.
  mutating func acknowledge(_ list: [Acknowledgement], owner: Int32, lockEndMs: Int64) -> ErrorCode
  {
    for batch in list {
      guard batch.firstOffset <= batch.lastOffset, batch.types.allSatisfy({ (0...4).contains($0) })
      else { return .invalidRequest }
      guard batch.firstOffset >= 0, batch.lastOffset < startOffset + Int64(slots.count),
        batch.types.count == 1
          || Int64(batch.types.count) == batch.lastOffset - batch.firstOffset + 1
      else { return .invalidRequest }
      guard places(batch).allSatisfy({ slots[$0].state == .acquired && slots[$0].owner == owner })
      else { return .invalidRecordState }
    }
    for batch in list {
      for place in places(batch) {
        let which =
          batch.types.count == 1 ? 0 : Int(startOffset + Int64(place) - batch.firstOffset)
        switch batch.types[which] {
        case 2: release(place)
        case 4: slots[place].lockEndMs = lockEndMs
        default: slots[place].state = .settled
        }
      }
    }
    moveStart()
    return .none
  }

  /// Where the state of a batch's offsets is; those before the start are settled, and passed over.
  private func places(_ batch: Acknowledgement) -> Range<Int> {
    let first = max(batch.firstOffset, startOffset)
    let end = max(batch.lastOffset + 1, startOffset)
    return Int(min(first, end) - startOffset)..<Int(end - startOffset)
  }

  /// Releases what a session has acquired; true if there was any.
  mutating func release(owner: Int32) -> Bool {
    var hasReleased = false
    for place in slots.indices where slots[place].state == .acquired && slots[place].owner == owner
    {
      release(place)
      hasReleased = true
    }
    moveStart()
    return hasReleased
  }

  /// Releases what has been acquired for too long; true if there was any.
  mutating func expire(nowMs: Int64) -> Bool {
    var hasReleased = false
    for place in slots.indices
    where slots[place].state == .acquired && slots[place].lockEndMs <= nowMs {
      release(place)
      hasReleased = true
    }
    moveStart()
    return hasReleased
  }

  /// Forgets what the log has no longer.
  mutating func dropBefore(_ offset: Int64) {
    guard offset > startOffset else { return }
    slots.removeFirst(min(slots.count, Int(clamping: offset - startOffset)))
    startOffset = offset
    moveStart()
  }

  private mutating func release(_ place: Int) {
    slots[place].owner = -1
    slots[place].state =
      slots[place].deliveryCount >= Self.deliveriesMax ? .settled : .available
  }

  private mutating func moveStart() {
    let settled = slots.firstIndex { $0.state != .settled } ?? slots.count
    slots.removeFirst(settled)
    startOffset += Int64(settled)
  }
}
