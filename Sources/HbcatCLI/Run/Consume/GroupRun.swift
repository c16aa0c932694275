import KafkaClient
import Transport

/// Carries out a `ConsumePlan` with a group: reads what the group gives, and gives it back.
struct GroupRun {
  let plan: ConsumePlan
  let group: ConsumePlan.Group
  let client: ClientConfiguration
  let configuration: ConsumerConfiguration
  let groupConfiguration: GroupConfiguration
  let messages: Messages

  /// How long the commit and the farewell may take in the end (F69).
  private static let leaveMs: Int64 = 1000

  /// A member and what it stands on.
  private struct Started: Sendable {
    var cluster: Cluster
    var consumer: Consumer
    var member: GroupMember
  }

  func run() -> Int32 {
    run { member, interruption in
      var printer = ConsumePrinter(
        plan, plan.format, readCommitted: configuration.isolationLevel == .readCommitted,
        messages: messages, interrupt: interruption.thread)
      printer.note(writesIn: member.progress)
      return printer
    }
  }

  /// Gives what the group gives to a sink, which is made when the member has been.
  func run<Sink: ConsumeSink & ~Copyable>(_ makeSink: (GroupMember, Interruption) -> Sink)
    -> Int32
  {
    let events = Handover<ConsumerEvent>()
    let interruption = Interruption()
    let setup = ClientSetup(plan: plan.client, messages: messages)
    defer { interruption.end() }
    let started: Started
    do {
      guard !group.topics.isEmpty else { throw SubscribeError() }
      guard !group.id.isEmpty else { throw SubscribeError(reason: "Local: Unknown group") }
      // Nothing is awaited here: the cluster is looked for behind it.
      started = try Net.wait { [self] in
        interruption.watch { events.push(.interrupted) }
        return try start(setup, events)
      }
    } catch {
      let reason = (error as? SubscribeError ?? SubscribeError()).reason
      messages.fatal("Failed to subscribe to \(group.topics.count) topics: \(reason)")
      return 1
    }
    messages.info(1, "Waiting for group rebalance")
    var sink = makeSink(started.member, interruption)
    var lines = GroupLines(plan, group, messages)
    let loop = ConsumeLoop(consumer: started.consumer, setup: setup)
    let status = loop.run(&sink) { lines.take($0) }
    lines.close()
    try? Net.wait {
      await started.member.leave(timeoutMs: Self.leaveMs)
      started.consumer.stop()
      started.cluster.close()
    }
    return status
  }

  /// Why topics cannot be subscribed to.
  private struct SubscribeError: Error {
    var reason = "Local: Invalid argument or configuration"
  }

  @Net private func start(_ setup: ClientSetup, _ events: Handover<ConsumerEvent>)
    throws(SubscribeError) -> Started
  {
    let cluster = setup.cluster(client)
    let consumer = Consumer(
      cluster, configuration: configuration, stopAtEnd: plan.exitAtEnd, events: events,
      log: setup.log)
    do throws(TopicPatternError) {
      let member = try GroupMember(
        consumer, groupId: group.id, topics: group.topics, configuration: groupConfiguration,
        start: group.start.flatMap(\.spec), rackId: configuration.clientRack)
      member.join()
      return Started(cluster: cluster, consumer: consumer, member: member)
    } catch {
      throw SubscribeError(reason: "Local: Invalid argument or configuration: \(error)")
    }
  }
}
