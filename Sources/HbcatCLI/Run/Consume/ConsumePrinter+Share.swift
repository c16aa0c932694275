import KafkaClient
import KafkaProtocol

/// Printing for a share group: only what is acquired, and what becomes of it.
extension ConsumePrinter {
  /// Prints and writes out what was acquired; the receipt says what is to be acknowledged.
  mutating func show(_ share: ShareFrame, as type: AcknowledgeType) -> ShareReceipt {
    var acquired = share.acquired
    let before = left
    for (place, entry) in share.frame.entries.enumerated() {
      if isDone { break }
      show(entry, of: share, &acquired[place], type)
    }
    flush()
    cutUnwritten(share, &acquired)
    return ShareReceipt(
      share, acknowledgements: acquired.map(\.acknowledgements), printedCount: before - left)
  }

  /// What a failed or an interrupted write left in the buffer is not acknowledged (F72).
  private func cutUnwritten(_ share: ShareFrame, _ acquired: inout [AcquiredOffsets]) {
    let unwritten = output.unwritten
    for (place, entry) in share.frame.entries.enumerated() {
      if let offset = unwritten[entry.assigned.number] { acquired[place].withdraw(from: offset) }
    }
  }

  private mutating func show(
    _ entry: FetchedFrame.Entry, of share: ShareFrame, _ acquired: inout AcquiredOffsets,
    _ type: AcknowledgeType
  ) {
    guard let partition = partitions[entry.assigned.number] else { return }
    prepare(partition, brokerId: entry.brokerId)
    reader.open(share.frame.records(of: entry))
    while !isDone {
      do throws(RecordError) {
        guard let batch = try reader.next() else {
          // Compacted away, or the markers of transactions.
          return acquired.acknowledgeRest(below: .max, .gap)
        }
        if !batch.isControl { show(batch, partition, &acquired, type) }
      } catch {
        guard failed(error, partition.assigned.partition) else { return }
        acquired.acknowledgeRest(below: error.baseOffset, .gap)
        acquired.acknowledgeRest(below: reader.offsetAfterBadBatch ?? .max, .release)
      }
    }
  }

  /// Prints what is acquired of a batch.
  private mutating func show(
    _ batch: DecodedBatch, _ partition: Partition, _ acquired: inout AcquiredOffsets,
    _ type: AcknowledgeType
  ) {
    var isBroken = false
    for offsets in acquired.overlap(from: batch.baseOffset, to: batch.nextOffset) {
      var rest = offsets
      while !isDone, !isBroken {
        switch write(batch, rest, partition, &acquired, type) {
        case nil: break
        case .record: isBroken = true
        case .output: return
        case .pack(_, let offset), .avro(_, let offset), .avroInEnvelope(_, let offset, false):
          // With -E the batch goes on behind a record that does not fit its format.
          acquired.acknowledge(offset...offset, .release)
          guard offset < rest.upperBound else { break }
          rest = offset + 1...rest.upperBound
          continue
        case .avroInEnvelope(_, let offset, true):
          // Printed, with an error in the place of what could not be read.
          guard offset < rest.upperBound else { break }
          rest = offset + 1...rest.upperBound
          continue
        }
        break
      }
      if isDone { return }
      if isBroken {
        acquired.acknowledgeRest(below: offsets.lowerBound, .gap)
        acquired.acknowledgeRest(below: offsets.upperBound + 1, .release)
      }
    }
  }

  /// Prints acquired offsets of a batch; tells what ended it early.
  private mutating func write(
    _ batch: DecodedBatch, _ offsets: ClosedRange<Int64>, _ partition: Partition,
    _ acquired: inout AcquiredOffsets, _ type: AcknowledgeType
  ) -> RecordRunError? {
    var run = RecordRun()
    var runs: [ClosedRange<Int64>] = []
    var failure: RecordRunError?
    do throws(RecordRunError) {
      do throws(RecordError) { runs = try batch.present(in: offsets) } catch {
        throw .record(error)
      }
      let count = runs.reduce(0) { $0 + $1.count }
      if count > 0 {
        let range = RecordRange(startOffset: offsets.lowerBound, countMax: min(left, count))
        try partition.format?.write(batch, range, to: &output, run: &run)
      }
    } catch {
      _ = failed(error, partition.assigned.partition)
      failure = error
    }
    left -= run.written
    for range in runs where run.written > 0 && range.lowerBound <= run.lastOffset {
      acquired.acknowledge(range.lowerBound...min(range.upperBound, run.lastOffset), type)
    }
    if left == 0 {
      // -c is reached: what lies behind is released with the session.
      acquired.acknowledgeRest(below: run.lastOffset + 1, .gap)
      isDone = true
    }
    return failure
  }
}

extension DecodedBatch {
  /// Which of the offsets have a record: ranges, ascending.
  ///
  /// - Throws: `RecordError` where a record that had to be looked at is broken.
  func present(in offsets: ClosedRange<Int64>) throws(RecordError)
    -> [ClosedRange<Int64>]
  {
    // Nothing was compacted away, as is the rule.
    if recordCount == Int(lastOffsetDelta) + 1 { return [offsets] }
    var runs: [ClosedRange<Int64>] = []
    var records = RecordIterator(self)
    while let record = try records.next() {
      let offset = offset(of: record)
      guard offsets.contains(offset) else { continue }
      if let last = runs.last, last.upperBound + 1 == offset {
        runs[runs.count - 1] = last.lowerBound...offset
      } else if runs.last.map({ $0.upperBound < offset }) ?? true {
        runs.append(offset...offset)
      }
    }
    return runs
  }
}
