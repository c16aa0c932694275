import Glibc
import KafkaBroker
import Transport

/// Carries out a `BrokerPlan`: the embedded broker until somebody ends it.
struct BrokerRun {
  let plan: BrokerPlan
  let messages: Messages

  /// Bytes of batches that a partition keeps at least: for trying, not for keeping.
  private static let retentionBytes = 256 << 20

  func run() -> Int32 {
    let ends = Handover<Void>()
    let interruption = Interruption()
    defer { interruption.end() }
    let broker: Broker
    let bootstrap: String
    do {
      (broker, bootstrap) = try Net.wait { [plan] in
        interruption.watch { ends.push(()) }
        let broker = Broker(Self.options(plan))
        for rule in plan.faults { broker.inject(rule) }
        try broker.start()
        return (broker, broker.bootstrap)
      }
    } catch {
      messages.fatal("\(error)")
      return 1
    }
    var output = OutputBuffer(descriptor: 1)
    do throws(OutputError) {
      // One line that a script can read, at once: whoever started the broker waits for it.
      try output.append(Array("BROKERS=\(bootstrap)\n".utf8))
      try output.flush()
    } catch {
      // Who closed stdout does without the address; on a full disk somebody waits for it in vain.
      if case .failed = error {
        messages.fatal("\(error)")
        try? Net.wait { await broker.stop() }
        return messages.exitStatus
      }
    }
    if plan.isMock {
      messages.info(1, "Mock cluster started with bootstrap.servers=\(bootstrap)")
      messages.info(1, "Press Ctrl-C or Ctrl-D to terminate.")
    } else {
      messages.info(
        1, "Embedded broker \(plan.brokerId) at \(bootstrap): in memory, for trying and testing")
    }
    if plan.untilStdinEnds { watchInput(of: broker, ends) }
    _ = ends.take()
    if plan.isMock { messages.info(1, "Terminating mock cluster") }
    try? Net.wait { await broker.stop() }
    return messages.exitStatus
  }

  @Net private static func options(_ plan: BrokerPlan) -> BrokerOptions {
    var options = BrokerOptions()
    options.listenHost = plan.host
    options.listenPort = plan.port
    options.advertisedHost = plan.advertisedHost
    options.brokerId = plan.brokerId
    options.brokers = plan.brokers
    options.maxMessageBytes = plan.maxMessageBytes
    options.topics = plan.topics.map {
      BrokerOptions.Topic(name: $0.name, partitions: $0.partitions, replicas: $0.replicas)
    }
    options.autoCreateTopics = plan.autoCreateTopics
    options.defaultPartitions = plan.defaultPartitions
    options.retentionBytesPerPartition = retentionBytes
    return options
  }

  /// Does what lines of standard input say, and ends the broker with it, on a thread of its own.
  private func watchInput(of broker: Broker, _ ends: Handover<Void>) {
    WorkerThread.start { [plan] in
      var input = DelimitedReader(descriptor: 0)
      var output = OutputBuffer(descriptor: 1, isUnbuffered: true)
      reading: do {
        while true {
          let fill = try input.fill()
          while let line = try input.next() {
            if plan.isMock { continue }
            let answer = Self.obey(String(decoding: line, as: UTF8.self), broker)
            try? output.append(Array("\(answer)\n".utf8))
            try? output.flush()
          }
          switch fill {
          case .end: break reading
          case .bytes, .interrupted: break
          case .nothingYet: _ = waitForInput(0, wakeDescriptor: -1, timeoutMs: -1)
          }
        }
      } catch {
        // Input that cannot be read has ended.
      }
      ends.push(())
    }
  }

  /// Carries out a `BrokerCommand`; the answer is a line.
  private static func obey(_ line: String, _ broker: Broker) -> String {
    do {
      let command = try BrokerCommand(parsing: line)
      try Net.wait { try broker.carryOut(command) }
      return "ok"
    } catch {
      return "error: \(error)"
    }
  }
}
