import KafkaProtocol
import KafkaClient
import Transport

/// Carries out a `ConsumePlan` as a member of a share group.
struct ShareConsumeRun {
  let plan: ConsumePlan
  let share: ShareMembership
  let client: ClientConfiguration
  let configuration: ConsumerConfiguration
  let messages: Messages

  /// What the end may take after a signal, in milliseconds: so that the whole takes less than a second.
  private static let interruptedMs: Int64 = 900

  /// How long `--exit-idle` waits at least for partitions, in milliseconds.
  private static let assignedMs: Int64 = 10_000

  /// How the start ended.
  private enum Start: Sendable {
    case done
    case failed(ClientError)
    case interrupted
  }

  func run() -> Int32 {
    let events = Handover<ShareEvent>()
    let interruption = Interruption()
    let setup = ClientSetup(plan: plan.client, messages: messages)
    defer { interruption.end() }
    // Not Net.wait: a broker that does not answer must not hold up who wants an end (F12).
    let starting = Handover<Start>()
    let made = Handover<(ShareConsumer, Cluster)>()
    Net.task { [self] in
      interruption.watch {
        starting.push(.interrupted)
        events.push(.interrupted)
      }
      let cluster = setup.cluster(client)
      let consumer = ShareConsumer(
        cluster, group: share.group, topics: share.topics, configuration: configuration,
        recordsMax: plan.maxMessages, events: events, log: setup.log)
      made.push((consumer, cluster))
      do throws(ClientError) {
        try await consumer.start(timeoutMs: plan.client.timeoutMs)
        starting.push(.done)
      } catch {
        starting.push(.failed(error))
      }
    }
    guard let (consumer, cluster) = made.take() else { return messages.exitStatus }
    var printer = ConsumePrinter(
      plan, plan.format, readCommitted: false, messages: messages, interrupt: interruption.thread)
    switch starting.take() {
    case .done: consume(consumer, setup, &printer)
    case .failed(.unknownTopic(let name)):
      messages.fatal("Topic \(name) error: \(ClientError.unknownTopic(name))")
    case .failed(let error):
      _ = setup.fail("Failed to join share group \(share.group)", error)
    case .interrupted, nil: break
    }
    _ = printer.end()
    let timeoutMs = interruption.isRequested ? Self.interruptedMs : plan.client.timeoutMs
    try? Net.wait {
      await consumer.stop(timeoutMs: timeoutMs)
      cluster.close()
    }
    while let event = events.poll() {
      if case .notAcknowledged(let partition, let failure) = event {
        report(failure, of: partition)
      }
    }
    return messages.exitStatus
  }

  /// Prints until no more is wanted.
  private func consume(
    _ consumer: ShareConsumer, _ setup: ClientSetup, _ printer: inout ConsumePrinter
  ) {
    let events = consumer.events
    // The first assignment takes the group a while, which is not the messages' fault.
    var idleUntilMs = share.exitIdleMs.map { MonotonicClock.nowMs + max($0, Self.assignedMs) }
    while !printer.isDone {
      guard let event = next(events, idleUntilMs) else { return }
      switch event {
      case .assigned(let partitions):
        printer.assigned(partitions)
        let list = partitions.map { "\($0.partition)" }.joined(separator: ", ")
        messages.info(
          1,
          "Share group \(share.group) (memberid \(consumer.memberId)): assigned: "
            + (list.isEmpty ? "nothing" : list))
        idleUntilMs = share.exitIdleMs.map { MonotonicClock.nowMs + $0 }
      case .frame(let frame):
        consumer.returned.push(receipt(frame, &printer))
        idleUntilMs = share.exitIdleMs.map { MonotonicClock.nowMs + $0 }
      case .notAcknowledged(let partition, let failure): report(failure, of: partition)
      case .failed(let partition, let error): printer.failed(partition, error)
      case .ended(let error):
        _ = setup.fail("Share group \(share.group)", error)
        return
      case .allBrokersDown(let error): printer.allBrokersDown(error)
      case .interrupted: printer.stop()
      }
    }
  }

  /// Prints a frame, unless it has waited too long for a blocked stdout.
  private func receipt(_ frame: ShareFrame, _ printer: inout ConsumePrinter) -> ShareReceipt {
    guard MonotonicClock.nowMs >= frame.lockedUntilMs else {
      return printer.show(frame, as: share.acknowledgement)
    }
    messages.info(
      2, "Share group \(share.group): not printed, since the locks have run out: others have it")
    return ShareReceipt(frame, acknowledgements: [], printedCount: 0)
  }

  /// The next event; nil where nothing has come for as long as the user wants to wait.
  private func next(_ events: Handover<ShareEvent>, _ idleUntilMs: Int64?) -> ShareEvent? {
    guard let idleUntilMs else { return events.take() }
    return events.take(timeoutMs: max(0, idleUntilMs - MonotonicClock.nowMs))
  }

  /// Says what was printed and may come again.
  private func report(_ failure: AcknowledgeFailure, of partition: TopicPartition) {
    guard let first = failure.acknowledgements.first, let last = failure.acknowledgements.last
    else { return }
    messages.failure(
      "ERROR: \(partition): \(failure.count) message\(failure.count == 1 ? "" : "s") at offsets "
        + "\(first.offsets.lowerBound) to \(last.offsets.upperBound) printed but not acknowledged, "
        + "may be delivered again: \(failure.error)")
  }
}
