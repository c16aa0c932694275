import KafkaClient
import KafkaProtocol
import Transport

/// The main thread of a consumer: takes what it tells and has it printed, until no more is wanted.
struct ConsumeLoop {
  let consumer: Consumer
  let setup: ClientSetup

  /// Prints until the printer is done; the answer is the exit code.
  ///
  /// `onGroup` takes what a group's member tells; true ends the run.
  func run(_ printer: inout ConsumePrinter, onGroup: (GroupEvent) -> Bool = { _ in false })
    -> Int32
  {
    let events = consumer.events
    while !printer.isDone {
      guard let event = events.poll() ?? printer.flushed(then: events) else { break }
      switch event {
      case .assigned(let partitions): printer.assigned(partitions)
      case .revoked(let partitions, let number):
        consumer.reports.push(printer.revoked(partitions, report: number))
      case .report(let number): consumer.reports.push(printer.report(number))
      case .frame(let frame):
        printer.show(frame) { [consumer, setup] assigned, need in
          switch need {
          case .stop: Net.task { consumer.finish(assigned) }
          case .again(let offset, let error):
            setup.log(
              ClientLog(
                .warning, "CORRUPT",
                "\(assigned.partition): \(error): fetching it again from offset \(offset)"))
            Net.task { consumer.refetch(assigned, from: offset) }
          }
        }
        consumer.returned.push(frame)
      case .failed(let partition, let error): printer.failed(partition, error)
      case .topicFailed(let topic, let error): printer.failed(topic: topic, error)
      case .reset(let partition, let from, let to, let policy, let brokerId):
        setup.log(
          ClientLog(
            .warning, "OFFSET",
            "\(partition): offset reset (at offset \(from), broker \(brokerId)) "
              + "to \(policy) (offset \(to)): \(ErrorCode.offsetOutOfRange.sentence)"))
      case .allBrokersDown(let error):
        for line in error.details { setup.log(ClientLog(.error, "FAIL", line)) }
        printer.allBrokersDown(error)
      case .group(let event): if onGroup(event) { printer.finish() }
      case .woken: break
      case .finished: printer.finish()
      case .interrupted: printer.stop()
      }
    }
    let status = printer.end()
    consumer.reports.push(printer.report(0))
    return status
  }
}
