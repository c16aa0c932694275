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
    let broker: Broker
    let bootstrap: String
    do {
      (broker, bootstrap) = try Net.wait { [plan] in
        interruption.watch { ends.push(()) }
        let broker = Broker(Self.options(plan))
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
    } catch { messages.markFailed() }
    messages.info(
      1, "Embedded broker \(plan.brokerId) at \(bootstrap): in memory, for trying and testing")
    if plan.untilStdinEnds { watchInput(ends) }
    _ = ends.take()
    try? Net.wait { await broker.stop() }
    return messages.exitStatus
  }

  @Net private static func options(_ plan: BrokerPlan) -> BrokerOptions {
    var options = BrokerOptions()
    options.listenHost = plan.host
    options.listenPort = plan.port
    options.advertisedHost = plan.advertisedHost
    options.brokerId = plan.brokerId
    options.topics = plan.topics.map {
      BrokerOptions.Topic(name: $0.name, partitions: $0.partitions, replicas: $0.replicas)
    }
    options.autoCreateTopics = plan.autoCreateTopics
    options.retentionBytesPerPartition = retentionBytes
    return options
  }

  /// Ends the broker with its standard input, on a thread that does nothing but wait for that.
  private func watchInput(_ ends: Handover<Void>) {
    WorkerThread.start {
      var block: (UInt64, UInt64) = (0, 0)
      while true {
        let count = read(0, &block, 16)
        if count == 0 || (count < 0 && errno != EINTR) { break }
      }
      ends.push(())
    }
  }
}
