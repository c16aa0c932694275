import KafkaClient
import KafkaProtocol
import Transport

/// A producer with what a command needs around it: signals, reports, the wait for input.
final class ProduceSession {
  /// Why nothing more is appended.
  enum Stop: Error {
    /// Somebody wants an end.
    case interrupted
    /// A record, or the topic, is refused for good; it has been said.
    case refused
  }

  let input: ProducerInput
  let messages: Messages
  let interruption = Interruption()
  let plan: ClientPlan
  /// How long a message may wait, in milliseconds; 0: for ever.
  private let messageTimeoutMs: Int64
  private let cluster: Cluster
  private let producer: Producer
  private let setup: ClientSetup
  /// A message that cannot be delivered is the last one that is read.
  let isGapless: Bool
  /// Nil without a transactional id.
  var transactions: Transactions?
  /// Records that were refused before they got into a batch.
  private var refusedCount = 0
  /// Records that an interrupt kept from being sent; nothing has been said of them.
  private var unsaidCount = 0

  /// Failures that are said one by one; the rest is counted.
  private static let saidMax = 100
  private var saidCount = 0

  init(
    _ plan: ClientPlan, _ client: ClientConfiguration, _ configuration: ProducerConfiguration,
    _ messages: Messages
  ) throws(ClientError) {
    self.plan = plan
    messageTimeoutMs = configuration.messageTimeoutMs
    self.messages = messages
    let setup = ClientSetup(plan: plan, messages: messages)
    self.setup = setup
    let reportsDeliveries = messages.verbosity >= 3 && !configuration.reportsOnlyErrors
    let made: (Cluster, Producer)
    do {
      made = try Net.wait {
        let cluster = setup.cluster(client)
        return (
          cluster,
          Producer(
            cluster, configuration, reportsDeliveries: reportsDeliveries, log: setup.log)
        )
      }
    } catch { throw .closed }
    cluster = made.0
    producer = made.1
    input = ProducerInput(made.1, configuration)
    isGapless = configuration.isGapless
    transactions = configuration.transactionalId.map { _ in Transactions() }
    let interrupt = input.interrupt
    try? Net.wait { [interruption] in interruption.watch(interrupt) }
  }

  /// Whether somebody wants an end.
  var isInterrupted: Bool { interruption.isRequested }

  /// Opens a topic; the time for it is a little less than what metadata may take.
  ///
  /// With `-E` brokers that are away are waited for as long as a message may wait.
  func open(_ topic: String) throws(ClientError) -> ProducerInput.Topic {
    let deadlineMs = messageTimeoutMs > 0 ? MonotonicClock.nowMs + messageTimeoutMs : .max
    var isSaid = false
    while true {
      do throws(ClientError) {
        return try input.open(topic, timeoutMs: plan.timeoutMs * 9 / 10)
      } catch {
        guard plan.keepGoing, case .unreachable = error, !isInterrupted else { throw error }
        if !isSaid {
          isSaid = true
          sayDetails(of: error)
          _ = messages.allBrokersDown(error, keepGoing: true)
        }
        guard MonotonicClock.nowMs < deadlineMs else {
          throw .timedOut(what: "the topic", afterMs: messageTimeoutMs)
        }
      }
    }
  }

  /// Says why a topic cannot be opened.
  func sayCannotOpen(_ topic: String, _ error: ClientError) {
    guard !isInterrupted else { return }
    if plan.keepGoing, case .timedOut = error {
      return messages.failure("Delivery failed for message: Local: Message timed out")
    }
    sayDetails(of: error)
    switch error {
    case .unreachable: _ = messages.allBrokersDown(error, keepGoing: false)
    case .broker, .unknownTopic: messages.failure("Delivery failed for message: \(error)")
    default: messages.fatal("Topic \(topic) error: \(error)")
    }
  }

  /// Says what lies behind an error.
  func sayDetails(of error: ClientError) { setup.sayDetails(of: error) }

  /// Counts what was read and, since somebody wants an end, is not sent.
  func leaveOut(_ taken: Int = 1) { unsaidCount += taken }

  /// As `leaveOut`, and what the reader still holds, a last one without its end among it.
  func leaveOut(_ taken: Int = 0, restOf reader: inout DelimitedReader) {
    unsaidCount += taken + reader.skipHeld()
  }

  /// Headers as records hold them; nil without any.
  static func headers(_ headers: [ProducePlan.Header]) -> RecordHeaders? {
    guard !headers.isEmpty else { return nil }
    var encoded = RecordHeaders()
    for header in headers { encoded.append(name: header.name, value: header.value) }
    return encoded
  }

  /// Reads to the end of the input, and lets `take` have what the reader holds after each read.
  ///
  /// `take` answers whether it wants more. False says that the input did not come to such an end; why has
  /// been said, or counted after an interrupt.
  func feed(
    _ reader: inout DelimitedReader, _ take: (inout DelimitedReader) throws -> Bool
  ) -> Bool {
    let descriptor = reader.descriptor
    do {
      try reader.readOn(waitingBy: { try waitForInput(descriptor) }) { reader, isAtEnd in
        input.tick()
        guard try take(&reader), !isAtEnd else { return false }
        reportEvents()
        if isDoomed { throw Stop.refused }
        return true
      }
      return true
    } catch let error as InputError {
      messages.fatal("\(error)")
    } catch Stop.interrupted {
      leaveOut(restOf: &reader)
    } catch {
      // Refused, and said.
    }
    return false
  }

  /// Takes over a record; waits for room where the budget is spent.
  @inline(__always)
  func append(
    to topic: ProducerInput.Topic, partition: Int32, key: UnsafeRawBufferPointer?,
    value: UnsafeRawBufferPointer?, headers: RecordHeaders?
  ) throws(Stop) {
    while true {
      do throws(ProduceError) {
        let result =
          if let headers {
            try input.append(
              to: topic, partition: partition, key: key, value: value, headers: headers)
          } else {
            try input.append(to: topic, partition: partition, key: key, value: value)
          }
        if case .appended = result { return }
      } catch {
        refusedCount += 1
        return try refuse(error, bytes: (key?.count ?? 0) + (value?.count ?? 0))
      }
      try waitForRoom()
    }
  }

  private func waitForRoom() throws(Stop) {
    if case .interrupted = input.waitForRoom() {
      unsaidCount += 1
      throw .interrupted
    }
    reportEvents()
  }

  private func refuse(_ error: ProduceError, bytes: Int) throws(Stop) {
    switch error {
    case .unknownPartition:
      sayFailed("Local: Unknown partition", count: 1)
    case .tooLarge:
      messages.fatal("Failed to produce message (\(bytes) bytes): \(error)")
      throw .refused
    case .unsupported:
      messages.fatal("Failed to produce message: \(error)")
      throw .refused
    }
  }

  /// Waits until `descriptor` has input; sends meanwhile what has lingered long enough.
  func waitForInput(_ descriptor: Int32) throws(Stop) {
    while true {
      reportEvents()
      if input.wasInterrupted() { throw .interrupted }
      let next = input.tick()
      let timeout = next.map { MonotonicClock.leftMs(until: $0) } ?? -1
      switch HbcatCLI.waitForInput(
        descriptor, wakeDescriptor: input.wakeDescriptor.descriptor, timeoutMs: timeout)
      {
      case .input: return
      case .both, .wake: input.wakeDescriptor.drain()
      case .timeout, .interrupted: break
      }
    }
  }

  // MARK: Reports

  /// Says what became of records since the last time.
  func reportEvents() {
    for event in input.takeEvents() {
      switch event {
      case .delivered(_, let partition, let count, let baseOffset, let brokerId):
        Self.sayDelivered(count, partition, baseOffset, brokerId, messages)
      // What an abort gives up is counted in the end.
      case .failed(_, _, _, .closed, _, _) where transactions != nil: break
      case .failed(_, _, let count, let error, _, _):
        sayFailed("\(error)", count: count)
      }
    }
  }

  /// Says of each record of a batch that it is delivered, in kcat's words.
  static func sayDelivered(
    _ count: Int, _ partition: Int32, _ baseOffset: Int64, _ brokerId: Int32, _ messages: Messages
  ) {
    for index in 0..<count {
      let offset = baseOffset < 0 ? -1001 : baseOffset + Int64(index)
      messages.info(
        3, "Message delivered to partition \(partition) (offset \(offset)) on broker \(brokerId)")
    }
  }

  private func sayFailed(_ error: String, count: Int) {
    let said = min(count, Self.saidMax - saidCount)
    for _ in 0..<max(0, said) { messages.failure("Delivery failed for message: \(error)") }
    saidCount += max(0, said)
    messages.markFailed()
    transactions?.isDoomed = true
  }

  /// Sends what is open, waits for its delivery, and says what was not delivered; the answer is the exit code.
  func finish() -> Int32 {
    if transactions != nil {
      endTransaction()
    } else {
      // After an interrupt the wait goes on: what was read is delivered, a second signal ends at once.
      while case .interrupted = input.flush() {}
    }
    reportEvents()
    reportLoss()
    try? Net.wait { [cluster, producer] in
      producer.close()
      cluster.close()
    }
    interruption.end()
    return messages.exitStatus
  }

  private func reportLoss() {
    var outcome = input.outcome()
    var word = "delivered"
    if let transactions {
      (outcome.delivered, outcome.possiblyPersisted) = (
        transactions.committedRecords, transactions.recordsInDoubt
      )
      word = "committed"
    }
    let lost = outcome.undelivered + refusedCount + unsaidCount
    guard lost > 0 else { return }
    messages.markFailed()
    let doubt =
      outcome.possiblyPersisted > 0
      ? " (possibly \(outcome.possiblyPersisted) are in the log all the same)" : ""
    if lost > 1 || unsaidCount > 0 || outcome.possiblyPersisted > 0 || transactions != nil {
      messages.info(1, "\(outcome.delivered) messages \(word), \(lost) not \(word)\(doubt)")
    }
  }
}
