import KafkaProtocol
import Transport

/// ListOffsets 1–11: the start (−2), the end (−1), the latest timestamp's offset (−3), or the first
/// offset at or behind a time, under `read_committed` before the last stable offset; −4 and −5 as of a broker without tiers.
enum ListOffsetsHandler: Handler {
  typealias Request = ListOffsetsRequest
  nonisolated static var versions: ClosedRange<Int16> { 1...11 }

  static func handle(
    _ request: ListOffsetsRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = ListOffsetsResponse()
    response.topics = request.topics.map { asked in
      let topic = call.broker.topics[asked.name]
      var shown = ListOffsetsResponse.Topic()
      shown.name = asked.name
      shown.partitions = asked.partitions.map { part in
        var row = ListOffsetsResponse.Partition()
        row.partitionIndex = part.partitionIndex
        do throws(Fault) {
          let partition = topic?.partition(part.partitionIndex)
          let found = try find(
            part, partition, request.isolationLevel, call)
          row.offset = found.offset
          row.timestamp = found.timestamp
          if call.version >= 4, found.offset >= 0, let log = partition?.log {
            row.leaderEpoch = log.leaderEpochs.epoch(at: found.offset)
          }
        } catch {
          row.errorCode = error.code
        }
        return row
      }
      return shown
    }
    return try reply(response, call)
  }

  private struct Fault: Error {
    var code: ErrorCode
  }

  private static func find(
    _ part: ListOffsetsRequest.Partition, _ partition: Partition?, _ isolationLevel: Int8,
    _ call: Call
  ) throws(Fault) -> (offset: Int64, timestamp: Int64) {
    if let code = call.leaderFault(partition, epoch: part.currentLeaderEpoch) {
      throw Fault(code: code)
    }
    guard let log = partition?.log else { throw Fault(code: .unknownTopicOrPartition) }
    let end = isolationLevel == 1 ? log.lastStableOffset : log.highWatermark
    switch part.timestamp {
    case -1: return (end, -1)
    case -2, -4: return (log.logStartOffset, -1)
    case -3:
      guard let latest = log.maxTimestamp else { return (-1, -1) }
      return try record(atOrAfter: latest, log, before: end)
    case -5: return (-1, -1)
    case 0...: return try record(atOrAfter: part.timestamp, log, before: end)
    default:
      call.violation("ListOffsets v\(call.version): timestamp \(part.timestamp) means nothing")
      throw Fault(code: .unsupportedVersion)
    }
  }

  private static func record(atOrAfter timestamp: Int64, _ log: PartitionLog, before end: Int64)
    throws(Fault) -> (offset: Int64, timestamp: Int64)
  {
    do {
      guard let found = try log.record(atOrAfter: timestamp), found.offset < end else {
        return (-1, -1)
      }
      return found
    } catch {
      throw Fault(code: .corruptMessage)
    }
  }
}
