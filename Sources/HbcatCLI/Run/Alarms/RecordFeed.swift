import KafkaClient
import KafkaProtocol
import Transport

/// Reads the records of topics on the main thread: first those that are there, then those that come.
///
/// The consumer and the search for topics live on the loop; whoever owns the feed asks it for the next step.
final class RecordFeed {
  /// A record, as long as the closure runs that it is handed to.
  struct Record {
    var topic: String
    var partition: Int32
    var offset: Int64
    /// In milliseconds since 1970; the time now where the record has none.
    var timestampMs: Int64
    var key: UnsafeRawBufferPointer?
    var value: UnsafeRawBufferPointer?
  }

  /// What has happened.
  enum Step {
    /// Records were handed over, or nothing that matters happened.
    case progress
    /// For the first time all that was there has been handed over.
    case caughtUp
    /// Nothing came in the time that was given.
    case idle
    /// Somebody wants an end.
    case interrupted
    /// No broker can be reached; the consumer tries on.
    case allBrokersDown(ClientError)
    /// A topic, or one of its partitions, cannot be read on.
    case failed(String, ClientError)
    /// A batch is broken and was passed over.
    case broken(TopicPartition, RecordError)
  }

  /// One assigned partition's state on this side.
  private final class Partition {
    let place: TopicPartition
    var course = PartitionCourse()
    var hasEnded = false

    init(_ place: TopicPartition) { self.place = place }
  }

  /// How the start ended.
  private enum Start: Sendable {
    case done(FeedSource, topicCount: Int)
    case failed(FeedError)
    case interrupted
  }

  /// How many topics were found in the beginning, optional ones aside.
  private(set) var topicCount = 0
  private let events = Handover<ConsumerEvent>()
  private let starting = Handover<Start>()
  private let setup: ClientSetup
  private let client: ClientConfiguration
  private let configuration: ConsumerConfiguration
  private let topics: FeedTopics
  private var source: FeedSource?
  private var reader = ReaderBox()
  private var partitions: [Int32: Partition] = [:]
  private var isAssigned = false
  private var hasCaughtUp = false
  private var broken: (TopicPartition, RecordError)?

  /// Makes a feed of nothing yet; `start` begins to read.
  init(
    _ topics: FeedTopics, _ setup: ClientSetup, client: ClientConfiguration,
    configuration: ConsumerConfiguration
  ) {
    self.topics = topics
    self.setup = setup
    self.client = client
    self.configuration = configuration
  }

  /// Finds the topics and begins to read.
  ///
  /// - Throws: `FeedError` where the cluster cannot be asked, a topic that is named is not there, or
  ///   somebody wants an end.
  func start() throws(FeedError) {
    // Not Net.wait: a broker that does not answer must not hold up who wants an end (F12).
    Net.task { [topics, setup, client, configuration, events, starting] in
      let source = FeedSource(
        topics, setup, client: client, configuration: configuration, events: events)
      do throws(FeedError) {
        starting.push(.done(source, topicCount: try await source.start()))
      } catch {
        source.close()
        starting.push(.failed(error))
      }
    }
    switch starting.take() {
    case .done(let source, let count):
      self.source = source
      topicCount = count
    case .failed(let error): throw error
    case .interrupted, nil: throw .interrupted
    }
  }

  /// Ends the wait for the start, or for the next step; for any thread.
  var interrupt: @Sendable () -> Void {
    { [events, starting] in
      starting.push(.interrupted)
      events.push(.interrupted)
    }
  }

  /// Ends the wait for the next step, as when the terminal's size has changed; for any thread.
  var wake: @Sendable () -> Void { { [events] in events.push(.woken) } }

  /// Hands over what comes next, waiting at most `timeoutMs` milliseconds.
  func next(timeoutMs: Int64, _ take: (Record) -> Void) -> Step {
    if let broken {
      self.broken = nil
      return .broken(broken.0, broken.1)
    }
    if checkCaughtUp() { return .caughtUp }
    guard let event = events.take(timeoutMs: timeoutMs) else { return .idle }
    switch event {
    case .assigned(let list):
      isAssigned = true
      for assigned in list { partitions[assigned.number] = Partition(assigned.partition) }
    case .frame(let frame):
      show(frame, take)
      source?.consumer.returned.push(frame)
    case .failed(let assigned, let error):
      partitions[assigned.number] = nil
      return .failed("\(assigned.partition)", error)
    case .topicFailed(let topic, let error):
      partitions = partitions.filter { $0.value.place.topic != topic }
      return .failed(topic, error)
    case .allBrokersDown(let error): return .allBrokersDown(error)
    case .interrupted: return .interrupted
    case .revoked(let list, _): for assigned in list { partitions[assigned.number] = nil }
    case .report, .reset, .group, .finished, .woken: break
    }
    return .progress
  }

  /// Whether a broker answers within `timeoutMs` milliseconds.
  func canReach(timeoutMs: Int64) -> Bool {
    guard let source else { return false }
    return (try? Net.wait { try await source.refresh(timeoutMs: timeoutMs) }) != nil
  }

  /// Ends reading.
  func close() {
    source?.closeSoon()
    source = nil
  }

  private func checkCaughtUp() -> Bool {
    guard !hasCaughtUp, isAssigned, partitions.values.allSatisfy(\.hasEnded) else { return false }
    hasCaughtUp = true
    return true
  }

  private func show(_ frame: FetchedFrame, _ take: (Record) -> Void) {
    for entry in frame.entries {
      guard let partition = partitions[entry.assigned.number], !entry.assigned.isRevoked else {
        continue
      }
      guard partition.course.begin(entry) else { continue }
      if !entry.range.isEmpty {
        reader.set.open(frame.records(of: entry))
        while showBatch(entry, partition, take) {}
      }
      if entry.end != nil, !partition.course.awaitsAgain { partition.hasEnded = true }
    }
  }

  /// Hands over one batch; false behind the last.
  private func showBatch(
    _ entry: FetchedFrame.Entry, _ partition: Partition, _ take: (Record) -> Void
  ) -> Bool {
    do throws(RecordError) {
      guard let batch = try reader.set.next() else { return false }
      let readCommitted = configuration.isolationLevel == .readCommitted
      guard batch.nextOffset > entry.fetchOffset,
        !partition.course.hides(batch, readCommitted: readCommitted)
      else { return true }
      var records = RecordIterator(batch)
      while let record = try records.next() {
        let offset = batch.offset(of: record)
        guard offset >= entry.fetchOffset else { continue }
        let timestamp = batch.timestamp(of: record)
        take(
          Record(
            topic: partition.place.topic, partition: partition.place.partition, offset: offset,
            timestampMs: timestamp >= 0 ? timestamp : WallClock.nowMs, key: record.key,
            value: record.value))
      }
      partition.course.goodOffset = batch.nextOffset
      return true
    } catch {
      if case .again(let offset, _)? = partition.course.broken(entry, error), let source {
        let assigned = entry.assigned
        Net.task { source.consumer.refetch(assigned, from: offset) }
        return false
      }
      broken = (partition.place, error)
      // What cannot even be skipped ends the frame; the next one begins behind it.
      return reader.set.offsetAfterBadBatch != nil
    }
  }
}

/// Holds the reader, which cannot be copied.
private final class ReaderBox {
  var set = RecordSetReader()
}
