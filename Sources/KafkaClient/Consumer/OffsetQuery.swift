public import KafkaProtocol
internal import Transport

/// A question after the offset at which a time begins in a partition.
public struct OffsetQuery: Hashable, Sendable {
  /// Where to look.
  public var partition: TopicPartition
  /// Milliseconds since 1970; −1 asks for the end, −2 for the beginning (ListOffsets).
  public var timestamp: Int64

  /// Makes a question.
  public init(_ partition: TopicPartition, timestamp: Int64) {
    self.partition = partition
    self.timestamp = timestamp
  }
}

/// What a partition's leader answered to an `OffsetQuery`.
public struct OffsetAnswer: Sendable {
  /// What was asked.
  public var query: OffsetQuery
  /// The offset of the first record of that time or later; −1 where there is none, or an error.
  public var offset: Int64 = -1
  /// Why there is no answer; nil where there is one.
  public var error: ClientError?

  /// Makes an answer.
  public init(_ query: OffsetQuery, offset: Int64 = -1, error: ClientError? = nil) {
    self.query = query
    self.offset = offset
    self.error = error
  }
}

extension Cluster {
  /// Asks the leaders of partitions, all at the same time, and answers in the order asked.
  ///
  /// A partition's error is in its answer; what may pass is asked again within `timeoutMs`.
  /// - Throws: `ClientError.unreachable` and the like where not even metadata can be had.
  public func answers(
    to queries: [OffsetQuery], timeoutMs: Int64
  ) async throws(ClientError) -> [OffsetAnswer] {
    let deadlineMs = MonotonicClock.nowMs + timeoutMs
    var backoff = Backoff(configuration)
    var answers = queries.map { OffsetAnswer($0) }
    var open = Array(answers.indices)
    while true {
      try await refreshMetadata(
        topics: Set(open.map { queries[$0].partition.topic }).sorted(),
        allowAutoTopicCreation: false, timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
      var requests: [Request: [Int]] = [:]
      var named: [TopicPartition: Int] = [:]
      for index in open {
        let partition = queries[index].partition
        do throws(ClientError) {
          let request = Request(
            leaderId: try leader(of: partition), ordinal: named[partition, default: 0])
          requests[request, default: []].append(index)
          named[partition, default: 0] += 1
        } catch {
          answers[index].error = error
        }
      }
      await withTaskGroup(of: [(Int, OffsetAnswer)].self) { group in
        for (request, indexes) in requests {
          let asked = indexes.map { queries[$0] }
          group.addTask {
            let found = await self.answered(request.leaderId, asked, deadlineMs: deadlineMs)
            return Array(zip(indexes, found))
          }
        }
        for await found in group {
          for (index, answer) in found { answers[index] = answer }
        }
      }
      open = open.filter { index in
        // A topic that is not there is not awaited.
        if case .broker(.unknownTopicOrPartition, _) = answers[index].error { return false }
        return answers[index].error?.isRetriable ?? false
      }
      let pause = backoff.next()
      guard !open.isEmpty, MonotonicClock.nowMs + pause < deadlineMs else { return answers }
      await sleep(milliseconds: pause)
    }
  }

  /// Which request a question goes into: a partition that is named again gets a further one, since brokers
  /// refuse to find it twice in one.
  private struct Request: Hashable {
    var leaderId: Int32
    var ordinal: Int
  }

  /// What `ask` answers, or its error as everyone's answer.
  private func answered(
    _ leaderId: Int32, _ queries: [OffsetQuery], deadlineMs: Int64
  ) async -> [OffsetAnswer] {
    do throws(ClientError) {
      return try await ask(
        leaderId, queries, timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
    } catch {
      return queries.map { OffsetAnswer($0, error: error) }
    }
  }

  private func leader(of partition: TopicPartition) throws(ClientError) -> Int32 {
    guard let topic = metadata.topic(partition.topic) else {
      throw .unknownTopic(partition.topic)
    }
    guard topic.errorCode == .none || topic.errorCode == .leaderNotAvailable else {
      throw .broker(topic.errorCode, message: nil)
    }
    guard let known = topic.partition(partition.partition) else {
      throw .unknownPartition(topic: partition.topic, partition.partition)
    }
    guard known.leaderId >= 0 else { throw .broker(.leaderNotAvailable, message: nil) }
    return known.leaderId
  }

  /// One ListOffsets request to a leader; the answers come in the order asked.
  func ask(
    _ leaderId: Int32, _ queries: [OffsetQuery], timeoutMs: Int64
  ) async throws(ClientError) -> [OffsetAnswer] {
    let connection = try await connection(to: leaderId, .control)
    let version = try connection.version(of: .listOffsets)
    guard version >= 1 || queries.allSatisfy({ $0.timestamp < 0 }) else {
      throw .unsupported(what: "an offset by timestamp", needs: "Kafka 0.10.1 or later")
    }
    var request = ListOffsetsRequest()
    request.replicaId = -1
    for (name, group) in Dictionary(grouping: queries, by: \.partition.topic) {
      var topic = ListOffsetsRequest.Topic()
      topic.name = name
      topic.partitions = group.map { query in
        var part = ListOffsetsRequest.Partition()
        part.partitionIndex = query.partition.partition
        part.timestamp = query.timestamp
        part.maxNumOffsets = 1
        return part
      }
      request.topics.append(topic)
    }
    let response = try await connection.request(request, version: version, timeoutMs: timeoutMs)
    var found: [TopicPartition: ListOffsetsResponse.Partition] = [:]
    for topic in response.topics {
      for answer in topic.partitions {
        found[TopicPartition(topic.name, answer.partitionIndex)] = answer
      }
    }
    return queries.map { query in
      guard let answer = found[query.partition] else {
        return OffsetAnswer(
          query,
          error: .unknownPartition(topic: query.partition.topic, query.partition.partition))
      }
      guard answer.errorCode == .none else {
        return OffsetAnswer(query, error: .broker(answer.errorCode, message: nil))
      }
      return OffsetAnswer(
        query, offset: version == 0 ? answer.oldStyleOffsets.first ?? 0 : answer.offset)
    }
  }
}
