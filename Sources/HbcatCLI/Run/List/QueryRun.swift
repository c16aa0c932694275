import KafkaClient
import KafkaProtocol
import Transport

/// Carries out a `QueryPlan`.
struct QueryRun {
  let plan: QueryPlan
  let configuration: ClientConfiguration
  let messages: Messages

  func run() -> Int32 {
    messages.info(2, "Automatically enabling api.version.request=true")
    let setup = ClientSetup(plan: plan.client, messages: messages)
    let answers: [OffsetAnswer]
    do {
      answers = try Net.wait { [plan, configuration] in
        let cluster = setup.cluster(configuration)
        defer { cluster.close() }
        return try await cluster.answers(to: plan.queries, timeoutMs: plan.client.timeoutMs)
      }
    } catch {
      guard let error = error as? ClientError else { return 1 }
      return fail(error, setup)
    }
    if let error = Self.common(answers) {
      messages.fatal("offsets_for_times failed: \(error)")
      return messages.exitStatus
    }
    let view = QueryView(answers)
    let isWritten = StandardOutput.write(messages) { forTerminal in
      plan.json ? view.json(forTerminal: forTerminal) : view.text()
    }
    guard isWritten else { return messages.exitStatus }
    for answer in view.answers where answer.error == nil && answer.offset < 0 {
      messages.info(
        1,
        "\(answer.query.partition): no message has the timestamp \(answer.query.timestamp) or a "
          + "later one")
    }
    return messages.exitStatus
  }

  private func fail(_ error: ClientError, _ setup: ClientSetup) -> Int32 {
    guard case .unreachable = error else { return setup.fail("offsets_for_times failed", error) }
    setup.sayDetails(of: error)
    messages.fatal("offsets_for_times failed: Local: All broker connections are down")
    return messages.exitStatus
  }

  /// The error of a query without any answer: kcat's one word where nothing that was named is there.
  private static func common(_ answers: [OffsetAnswer]) -> ClientError? {
    var others: ClientError?
    for answer in answers {
      switch answer.error {
      case nil: return nil
      case .unknownPartition, .unknownTopic, .broker(.unknownTopicOrPartition, _): continue
      case .some(let error): others = others ?? error
      }
    }
    return others
      ?? answers.first.map {
        .unknownPartition(topic: $0.query.partition.topic, $0.query.partition.partition)
      }
  }
}
