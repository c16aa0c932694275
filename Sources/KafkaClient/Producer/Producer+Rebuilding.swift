import KafkaProtocol
import Transport

/// Batches that a broker does not take as they are, taken apart away from the loop.
extension Producer {
  /// A record of a batch that is rebuilt without it.
  func dropped(_ batch: ProducerState.Batch, _ error: DeliveryError) {
    link.release(bytes: 0, records: 1)
    report(batch, 1, error)
  }

  func rebuild(_ batch: ProducerState.Batch, _ how: ProducerState.Rebuild) {
    guard let old = held[batch.id] else { return }
    if how == .halves {
      // The topic's limit is not known, but this was too much.
      link.limit(topic: batch.topic, batchBytes: old.sealed.uncompressedByteCount / 2)
    }
    let rebuilder = BatchRebuilder(
      codec: configuration.codec, level: configuration.compressionLevel)
    Net.task { [weak self] in
      let made = await rebuilder.parts(of: old.sealed, how)
      self?.rebuilt(batch, made)
    }
  }

  private func rebuilt(
    _ batch: ProducerState.Batch, _ made: Result<[BatchRebuilder.Part], DeliveryError>
  ) {
    guard !isClosed else { return }
    let nowMs = MonotonicClock.nowMs
    let parts: [BatchRebuilder.Part]
    switch made {
    case .failure(let error): return run(state.rebuildFailed(batch, error, nowMs: nowMs))
    case .success(let value): parts = value
    }
    guard let old = held.removeValue(forKey: batch.id) else { return }
    var bytes = 0
    var known: [ProducerState.Part] = []
    for part in parts {
      nextBatchId += 1
      let size = part.sealed.memoryCount
      bytes += size
      held[nextBatchId] = Held(part.sealed, chargedBytes: size)
      known.append(
        ProducerState.Part(
          id: nextBatchId, firstRecord: part.firstRecord,
          recordCount: Int32(truncatingIfNeeded: part.sealed.recordCount),
          byteCount: part.sealed.byteCount))
    }
    link.release(bytes: old.chargedBytes - bytes, records: 0)
    link.wakeWaiter()
    run(state.rebuilt(batch, into: known, nowMs: nowMs))
  }
}
