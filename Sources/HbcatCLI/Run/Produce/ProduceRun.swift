import Glibc
import KafkaClient
import KafkaProtocol
import Transport

/// Carries out a `ProducePlan`: splits input into messages and feeds a producer.
struct ProduceRun {
  let plan: ProducePlan
  let client: ClientConfiguration
  let configuration: ProducerConfiguration
  let messages: Messages

  func run() -> Int32 {
    do throws(ClientError) {
      let session = try ProduceSession(plan.client, client, configuration, messages)
      guard session.beginTransactions() else { return session.finish() }
      messages.info(
        3,
        "Setting producer input buffer max size to message.max.bytes value "
          + "\(configuration.messageBytesMax)")
      switch plan.source {
      case .standardInput: feed(session, 0)
      case .lines(let file):
        let descriptor = open(file.description, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
          messages.fatal("Cannot open \(file): \(systemMessage(errno))")
          return 1
        }
        feed(session, descriptor)
      case .files(let files): feed(session, files)
      }
      return session.finish()
    } catch {
      messages.fatal("\(error)")
      return 1
    }
  }

  // MARK: Lines

  /// Makes a message of each part of the input; says what is wrong itself.
  private func feed(_ session: ProduceSession, _ descriptor: Int32) {
    var reader = DelimitedReader(
      descriptor: descriptor, delimiter: Delimiter(plan.delimiter),
      messageMax: configuration.messageBytesMax)
    var feeder = LineFeeder(plan, session, ProduceSession.headers(plan.headers))
    let isDone = session.feed(&reader) { reader in
      try feeder.take(&reader)
      return !feeder.isDone
    }
    if isDone { feeder.close() }
  }

  // MARK: Files

  /// Makes a message of each file.
  private func feed(_ session: ProduceSession, _ files: [Argument]) {
    var failedCount = 0
    var topic: ProducerInput.Topic?
    let headers = ProduceSession.headers(plan.headers)
    var untilCommit = plan.transactionEvery ?? .max
    for file in files where !session.isDoomed {
      let bytes: [UInt8]
      do throws(InputError) {
        bytes = try FileMessage.read(
          path: file.description, messageMax: configuration.messageBytesMax,
          shouldStop: { session.interruption.thread.isRequested })
      } catch {
        if case .stopped = error { return }
        messages.failure("\(error)")
        failedCount += 1
        continue
      }
      if bytes.isEmpty {
        messages.info(3, "Skipping empty file \(file)")
        continue
      }
      messages.info(4, "Producing file \(file) (\(bytes.count) bytes)")
      do {
        let opened = try topic ?? session.open(plan.topic)
        topic = opened
        try bytes.withUnsafeBytes { value in
          try (plan.fixedKey ?? []).withUnsafeBytes { key in
            try session.append(
              to: opened, partition: plan.partition ?? -1, key: plan.fixedKey == nil ? nil : key,
              value: value, headers: headers)
          }
        }
        untilCommit -= 1
        if untilCommit == 0 {
          untilCommit = plan.transactionEvery ?? .max
          try session.commit()
        }
      } catch let error as ClientError {
        session.sayCannotOpen(plan.topic, error)
        return
      } catch {
        return
      }
    }
    if failedCount > 0, failedCount < files.count {
      messages.failure("Failed to produce from \(failedCount)/\(files.count) files")
    }
  }
}

/// Appends the messages of a reader's block, one after the other.
private struct LineFeeder: ~Copyable {
  private let plan: ProducePlan
  private let session: ProduceSession
  private let headers: RecordHeaders?
  private let splitter: MessageSplitter
  private var topic: ProducerInput.Topic?
  private var tee: OutputBuffer?
  private var left: Int64
  private var untilCommit: Int64
  private(set) var isDone = false

  init(_ plan: ProducePlan, _ session: ProduceSession, _ headers: RecordHeaders?) {
    self.plan = plan
    self.session = session
    self.headers = headers
    splitter = MessageSplitter(
      keyDelimiter: plan.keyDelimiter.map { Delimiter($0) }, makesEmptyNull: plan.emptyIsNull,
      nullMarker: plan.nullMarker, fixedKey: plan.fixedKey)
    left = plan.maxMessages ?? .max
    untilCommit = plan.transactionEvery ?? .max
    if plan.tee { tee = OutputBuffer(descriptor: 1, isUnbuffered: plan.client.unbuffered) }
  }

  /// Takes every whole message that the reader holds.
  mutating func take(_ reader: inout DelimitedReader) throws {
    guard let first = try reader.next() else { return }
    let topic: ProducerInput.Topic
    do throws(ClientError) {
      // Not before there is something to send: empty input never asks a broker.
      if let known = self.topic { topic = known } else { topic = try session.open(plan.topic) }
    } catch {
      if session.isInterrupted {
        session.leaveOut(1, restOf: &reader)
        throw ProduceSession.Stop.interrupted
      }
      session.sayCannotOpen(plan.topic, error)
      throw ProduceSession.Stop.refused
    }
    self.topic = topic
    var next: UnsafeRawBufferPointer? = first
    while let message = next {
      let (key, value) = splitter.split(message)
      try session.append(
        to: topic, partition: plan.partition ?? -1, key: key, value: value, headers: headers)
      if plan.tee { try teeMessage(message) }
      left -= 1
      if left == 0 {
        isDone = true
        return
      }
      untilCommit -= 1
      if untilCommit == 0 {
        untilCommit = plan.transactionEvery ?? .max
        try session.commit()
      }
      next = try reader.next()
    }
    if plan.tee { try flushTee() }
  }

  private mutating func teeMessage(_ message: UnsafeRawBufferPointer) throws {
    do {
      try tee?.append(message)
      try tee?.append(plan.delimiter)
    } catch { try failTee(error) }
  }

  private mutating func flushTee() throws {
    do { try tee?.flush() } catch { try failTee(error) }
  }

  private func failTee(_ error: OutputError) throws {
    if case .failed = error { session.messages.fatal("Tee write error: \(error)") }
    throw ProduceSession.Stop.refused
  }

  /// Writes out the rest of the copy.
  mutating func close() { try? flushTee() }
}
