internal import KafkaProtocol
internal import Transport

/// What a coordinator coordinates; the raw value is FindCoordinator's key type.
public enum CoordinatorType: Int8, Sendable {
  /// A consumer group or a share group; the key is the group's id.
  case group = 0
  /// A transactional producer (KIP-98); the key is its transactional id.
  case transaction = 1
}

extension Cluster {
  /// The connection to the broker that coordinates `key`; asks again until one is there.
  ///
  /// Whoever hears NOT_COORDINATOR or loses the connection asks for it anew. `kind` is another one where
  /// that connection waits for an answer.
  /// - Throws: `ClientError`: `.unsupported` where the brokers are too old, the code of a refusal such as
  ///   GROUP_AUTHORIZATION_FAILED, or what stood in the way when `timeoutMs` was over.
  public func coordinator(
    of key: String, _ type: CoordinatorType, kind: ConnectionKind = .coordinator, timeoutMs: Int64
  ) async throws(ClientError) -> Connection {
    try await retrying(timeoutMs: timeoutMs) { (deadlineMs) async throws(ClientError) in
      try await findCoordinator(key, type, kind, deadlineMs: deadlineMs)
    }
  }

  private func findCoordinator(
    _ key: String, _ type: CoordinatorType, _ kind: ConnectionKind, deadlineMs: Int64
  ) async throws(ClientError) -> Connection {
    let connection = try await anyConnection(
      timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
    let version = try connection.version(of: .findCoordinator)
    guard version >= 1 || type == .group else {
      throw .unsupported(what: "a transaction", needs: "Kafka 0.11 or later")
    }
    var request = FindCoordinatorRequest()
    request.keyType = type.rawValue
    if version >= 4 { request.coordinatorKeys = [key] } else { request.key = key }
    let response = try await connection.request(
      request, version: version,
      timeoutMs: max(
        1, min(deadlineMs - MonotonicClock.nowMs, configuration.socketTimeoutMs)))
    var found = FindCoordinatorResponse.Coordinator()
    if version >= 4 {
      guard let row = response.coordinators.first(where: { $0.key == key }) else {
        throw .broker(.coordinatorNotAvailable, message: nil)
      }
      found = row
    } else {
      found.nodeId = response.nodeId
      found.errorCode = response.errorCode
      found.errorMessage = response.errorMessage
    }
    guard found.errorCode == .none else {
      throw .broker(found.errorCode, message: found.errorMessage)
    }
    if metadata.broker(found.nodeId) == nil {
      // A broker that has come since: the metadata know its address, as the answer does.
      try await refreshMetadata(
        topics: [], allowAutoTopicCreation: false,
        timeoutMs: MonotonicClock.leftMs(until: deadlineMs))
      guard metadata.broker(found.nodeId) != nil else {
        throw .broker(.coordinatorNotAvailable, message: nil)
      }
    }
    return try await self.connection(to: found.nodeId, kind)
  }
}
