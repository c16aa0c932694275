import KafkaClient
import KafkaProtocol
import Transport

/// The main thread of a consumer: takes what it tells and gives it to a sink, until no more is wanted.
struct ConsumeLoop {
  let consumer: Consumer
  let setup: ClientSetup

  /// Goes on until the sink is done; the answer is the exit code.
  ///
  /// `onGroup` takes what a group's member tells; true ends the run.
  func run(
    _ sink: inout some ConsumeSink & ~Copyable, onGroup: (GroupEvent) -> Bool = { _ in false }
  ) -> Int32 {
    let events = consumer.events
    while !sink.isDone {
      guard let event = events.poll() ?? sink.flushed(then: events) else { break }
      switch event {
      case .assigned(let partitions): sink.assigned(partitions)
      case .revoked(let partitions, let number):
        consumer.reports.push(sink.revoked(partitions, report: number))
      case .report(let number): consumer.reports.push(sink.report(number))
      case .frame(let frame):
        sink.show(frame) { [consumer, setup] assigned, need in
          switch need {
          case .stop: Net.task { consumer.finish(assigned) }
          case .again(let offset, let error):
            if let error {
              setup.log(
                ClientLog(
                  .warning, "CORRUPT",
                  "\(assigned.partition): \(error): fetching it again from offset \(offset)"))
            }
            Net.task { consumer.refetch(assigned, from: offset) }
          }
        }
        consumer.returned.push(frame)
      case .failed(let partition, let error): sink.failed(partition, error)
      case .topicFailed(let topic, let error): sink.failed(topic: topic, error)
      case .reset(let partition, let from, let policy, let brokerId):
        setup.log(
          ClientLog(
            .warning, "OFFSET",
            "\(partition): offset reset (at offset \(from), broker \(brokerId)) "
              + "to \(policy): fetch failed due to requested offset not available on the broker: "
              + ErrorCode.offsetOutOfRange.sentence))
      case .allBrokersDown(let error):
        for line in error.details { setup.log(ClientLog(.error, "FAIL", line)) }
        sink.allBrokersDown(error)
      case .group(let event): if onGroup(event) { sink.finish() }
      case .woken: break
      case .finished: sink.finish()
      case .interrupted: sink.stop()
      }
    }
    let status = sink.end()
    consumer.reports.push(sink.report(0))
    return status
  }
}
