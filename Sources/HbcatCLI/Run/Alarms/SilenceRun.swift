import Healthbot
import KafkaClient
import KafkaProtocol
import Transport

/// `alarms silence`: makes, lists and ends silences.
struct SilenceRun {
  let base: AlarmsRun

  private var plan: AlarmsPlan { base.plan }
  private var messages: Messages { base.messages }

  /// A record of the topic.
  private struct Record {
    var id: String
    /// nil takes the silence away.
    var silence: Silence?
  }

  /// Makes a silence and prints its id.
  func add(_ fields: AlarmsPlan.SilenceFields) -> Int32 {
    do throws(ClientError) {
      try createTopic()
    } catch {
      return base.fail(.start(error))
    }
    let nowMs = WallClock.nowMs
    let digits = String(UInt64.random(in: 1...UInt64.max), radix: 16)
    let silence = Silence(
      id: String(repeating: "0", count: 16 - digits.count) + digits, matchers: plan.matchers,
      author: fields.author, comment: fields.comment, createdMs: nowMs, startsMs: nowMs,
      endsMs: nowMs + fields.forMs)
    let bytes = silence.bytes
    guard bytes.count <= Silence.bytesMax else {
      messages.fatal("the silence has \(bytes.count) bytes; at most \(Silence.bytesMax) are read")
      return 1
    }
    // What has long been over need not be kept for ever.
    var records: [Record] = []
    do throws(FeedError) {
      records = try read().outdated(atMs: nowMs).map { Record(id: $0, silence: nil) }
    } catch {
      return base.fail(error)
    }
    let status = publish(records + [Record(id: silence.id, silence: silence)])
    guard status == 0 else { return status }
    return write(plan.json ? bytes : Array(silence.id.utf8))
  }

  /// Prints silences that hold, or all that the topic knows.
  func list() -> Int32 {
    let silences: Silences
    do throws(FeedError) { silences = try read() } catch { return base.fail(error) }
    let nowMs = WallClock.nowMs
    let shown = silences.all.filter { silence in
      // With matchers those are listed that have them all.
      (plan.all || silence.isActive(atMs: nowMs))
        && plan.matchers.allSatisfy(silence.matchers.contains)
    }
    if plan.json { return write(shown.map(\.bytes)) }
    return write(AlarmLines.table(shown, nowMs: nowMs).map { Array($0.utf8) })
  }

  /// Ends silences now.
  func expire(_ ids: [String]) -> Int32 {
    let silences: Silences
    do throws(FeedError) { silences = try read() } catch { return base.fail(error) }
    let nowMs = WallClock.nowMs
    var records: [Record] = []
    for id in ids {
      guard var silence = silences[id] else {
        messages.failure("ERROR: there is no silence \"\(id)\" (see silence list)")
        continue
      }
      guard silence.endsMs > nowMs else {
        messages.info(1, "silence \(id) is over already")
        continue
      }
      silence.endsMs = nowMs
      silence.startsMs = min(silence.startsMs, nowMs)
      records.append(Record(id: id, silence: silence))
    }
    return records.isEmpty ? messages.exitStatus : publish(records)
  }

  private func write(_ line: [UInt8]) -> Int32 { write([line]) }

  private func write(_ lines: [[UInt8]]) -> Int32 {
    _ = StandardOutput.write(messages) { _ in lines.flatMap { $0 + [UInt8(ascii: "\n")] } }
    return messages.exitStatus
  }

  private func read() throws(FeedError) -> Silences {
    let reader = SilenceReader(
      topic: plan.silenceTopic, base.setup, client: base.client, configuration: base.consumer)
    defer { reader.close() }
    try reader.load(timeoutMs: plan.client.timeoutMs)
    if let foreign = reader.firstForeign {
      messages.info(
        1, "\(reader.foreignCount) records of \(plan.silenceTopic) are no silences: \(foreign)")
    }
    return reader.silences
  }

  /// Has the topic made where it is missing: compacted, so that it holds what is needed and no more.
  private func createTopic() throws(ClientError) {
    let result: Result<TopicCreation.Outcome, ClientError>
    do {
      result = try Net.wait { [plan, client = base.client, setup = base.setup] in
        let cluster = setup.cluster(client)
        defer { cluster.close() }
        do throws(ClientError) {
          let topic = NewTopic(
            plan.silenceTopic, partitions: 1, settings: [.init("cleanup.policy", "compact")])
          return .success(
            try await cluster.createIfMissing(topic, timeoutMs: plan.client.timeoutMs))
        } catch {
          return .failure(error)
        }
      }
    } catch {
      throw .closed
    }
    switch try result.get() {
    case .created: messages.info(1, "topic \(plan.silenceTopic) is created (compacted)")
    case .failed(let error): throw error
    case .exists: break
    }
  }

  private func publish(_ records: [Record]) -> Int32 {
    do throws(ClientError) {
      let session = try ProduceSession(plan.client, base.client, base.producer, messages)
      do {
        let topic = try session.open(plan.silenceTopic)
        for record in records {
          let value = record.silence?.bytes
          try Array(record.id.utf8).withUnsafeBytes { key in
            try (value ?? []).withUnsafeBytes { bytes in
              try session.append(
                to: topic, partition: -1, key: key, value: value == nil ? nil : bytes,
                headers: nil)
            }
          }
        }
      } catch let error as ClientError {
        session.sayCannotOpen(plan.silenceTopic, error)
        messages.markFailed()
      } catch {
        // Refused, and said.
        messages.markFailed()
      }
      return session.finish()
    } catch {
      messages.fatal("\(error)")
      return 1
    }
  }
}
