import KafkaClient
import Transport

/// Carries out a `PingPlan`: prints each step as it comes, and says which servers cannot be used.
struct PingRun {
  let plan: PingPlan
  let configuration: ClientConfiguration
  let messages: Messages

  /// What comes from the loop.
  private enum Arrival: Sendable {
    case event(ProbeEvent)
    /// Nothing could be tried.
    case failed(ClientError)
  }

  func run() -> Int32 {
    let setup = ClientSetup(plan: plan.client, messages: messages)
    let arrivals = Handover<Arrival>()
    Net.task { [plan, configuration] in
      do throws(ClientError) {
        let probe = Probe(configuration, timeoutMs: plan.client.timeoutMs, log: setup.log)
        try await probe.run { arrivals.push(.event($0)) }
      } catch {
        arrivals.push(.failed(error))
      }
      arrivals.close()
    }
    var targets: [ProbeTarget] = []
    var failures: [ProbeTarget: ProbeFailure] = [:]
    do throws(OutputError) {
      var output = OutputBuffer(descriptor: 1)
      var order = PingOrder()
      var view = PingView()
      while let arrival = arrivals.take() {
        switch arrival {
        case .failed(let error): return setup.fail("Failed to ping", error)
        case .event(let event):
          if case .found(let found) = event {
            targets += found
            view.widen(for: found)
          }
          if case .ended(let target, let failure?) = event { failures[target] = failure }
          try show(order.take(event), view, to: &output)
        }
      }
    } catch {
      if case .closed = error { return messages.exitStatus }
      messages.fatal("\(error)")
      return messages.exitStatus
    }
    conclude(targets, failures)
    return messages.exitStatus
  }

  private func show(
    _ steps: [(ProbeTarget, ProbeStep)], _ view: PingView, to output: inout OutputBuffer
  ) throws(OutputError) {
    for (target, step) in steps {
      try output.append(
        plan.json
          ? view.json(target, step, forTerminal: output.isTerminal)
          : Array((view.text(target, step) + "\n").utf8))
    }
    try output.flush()
  }

  /// Says what cannot be used, in the order of the servers, or that all can.
  private func conclude(_ targets: [ProbeTarget], _ failures: [ProbeTarget: ProbeFailure]) {
    for target in targets {
      guard let failure = failures[target] else { continue }
      messages.failure(PingView.text(target, failure))
    }
    guard failures.isEmpty else { return }
    let brokers = targets.count { $0.brokerId != nil }
    messages.info(
      1,
      "\(PingView.counted(targets.count - brokers, "bootstrap server")) and "
        + "\(PingView.counted(brokers, "broker")): all can be used")
  }
}
