import Glibc
import Healthbot
import KafkaClient
import Transport

/// Alarms from a descriptor that may pause, or never end.
extension AlarmSender {
  /// Why no more is read.
  enum Stop: Error {
    /// Somebody wants an end.
    case interrupted
    /// What stands in the way will stay there, or `--strict`; it has been said.
    case refused
  }

  /// Decisions that wait for being written, at most, before they are.
  private static let pendingMax = 10_000

  /// Reads to the end of the input, and lets `take` have what the reader holds after each read.
  ///
  /// What is read is sent while the input pauses.
  func feed(
    _ reader: inout DelimitedReader, _ take: (inout DelimitedReader) throws -> Void
  ) {
    let descriptor = reader.descriptor
    do {
      try reader.readOn(waitingBy: { try waitForInput(descriptor) }) { reader, isAtEnd in
        for lane in lanes { lane.input.tick() }
        try take(&reader)
        if isAtEnd { return false }
        collect()
        tendSpool()
        if isDoomed { throw Stop.refused }
        if let memory, memory.pendingCount >= Self.pendingMax { checkpoint() }
        return true
      }
    } catch let error as InputError {
      messages.fatal("\(error)")
    } catch Stop.interrupted {
      leaveOut(restOf: &reader)
    } catch {
      // Refused, and said.
      messages.markFailed()
    }
  }

  /// Waits until `descriptor` has input; meanwhile sends what is due, and writes the state.
  private func waitForInput(_ descriptor: Int32) throws(Stop) {
    while true {
      collect()
      if isInterrupted { throw .interrupted }
      if isDoomed { throw .refused }
      tendSpool()
      postGroups()
      // Alarms that are gathered for chat are not sent yet: their state waits for it.
      var isPending = memory.map { $0.pendingCount > 0 } == true && groupWait?.nextDueMs == nil
      if isPending, !Self.poll(descriptor, [], timeoutMs: 0) {
        seal()
        // What is slow, or down, keeps its state waiting, but not what comes next.
        if isSettled {
          writeState()
          isPending = false
        }
      }
      var nextMs = nextTendMs
      for lane in lanes { nextMs = min(nextMs, lane.input.tick() ?? .max) }
      nextMs = min(nextMs, groupWait?.nextDueMs ?? .max)
      if !underWay.isEmpty || isPending {
        nextMs = min(nextMs, MonotonicClock.nowMs + Self.outcomePollMs)
      }
      let wakes = lanes.map(\.input.wakeDescriptor)
      let timeoutMs = nextMs == .max ? -1 : MonotonicClock.leftMs(until: nextMs)
      if Self.poll(descriptor, wakes.map(\.descriptor), timeoutMs: timeoutMs) { return }
      for wake in wakes { wake.drain() }
    }
  }

  /// Waits until a descriptor can be read or one of the others wakes; true where it can be read.
  private static func poll(_ descriptor: Int32, _ wakes: [Int32], timeoutMs: Int64) -> Bool {
    var entries = ([descriptor] + wakes).map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    let count = Glibc.poll(&entries, nfds_t(entries.count), Int32(clamping: max(-1, timeoutMs)))
    return count > 0 && entries[0].revents != 0
  }

  /// Counts what was read and, since somebody wants an end, is not sent.
  private func leaveOut(restOf reader: inout DelimitedReader) {
    counts.unsent += reader.skipHeld()
    if counts.unsent > 0 { messages.markFailed() }
  }
}
