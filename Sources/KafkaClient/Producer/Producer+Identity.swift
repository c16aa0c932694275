import KafkaProtocol
import Synchronization
import Transport

// As whom the producer writes.

extension Producer {
  func begin(_ stamp: ProducerState.Stamp?) {
    hasBegun = true
    identity = stamp
    state = ProducerState(
      Self.limits(configuration, cluster.configuration, isIdempotent: stamp != nil), seed: seed)
    if let identity {
      run(
        state.identified(
          producerId: identity.producerId, epoch: identity.producerEpoch,
          nowMs: MonotonicClock.nowMs))
    }
  }

  /// Asks for a producer id; nil where idempotence is not wanted, or where the cluster refuses it.
  ///
  /// - Throws: what was in the way until `deadlineMs`, and a refusal where idempotence was asked for.
  func identify(magic: Int, deadlineMs: Int64) async throws(ClientError)
    -> ProducerState.Stamp?
  {
    // It was had when the transactional id was taken over.
    if transaction != nil { return transactionStamp }
    guard configuration.isIdempotent, configuration.acks == -1, configuration.retries > 0 else {
      if let obstacle = configuration.idempotenceObstacle { noteMissing(obstacle) }
      return nil
    }
    var backoff = Backoff(cluster.configuration)
    while true {
      let failure: ClientError
      do throws(ClientError) {
        if magic < 2 { throw .unsupported(what: "idempotence", needs: "Kafka 0.11 or later") }
        return try await askIdentity(timeoutMs: deadlineMs - MonotonicClock.nowMs)
      } catch {
        failure = error
      }
      let pause = backoff.next()
      if failure.isRetriable && MonotonicClock.nowMs + pause < deadlineMs
        && link.interrupts.load(ordering: .relaxed) == 0
      {
        await sleep(milliseconds: pause)
        continue
      }
      guard Self.isRefusal(failure), !configuration.isIdempotenceRequired else { throw failure }
      noteMissing("\(failure)")
      return nil
    }
  }

  private func noteMissing(_ reason: String) {
    log(
      ClientLog(
        .info, "IDEMPOTENCE", "producing without idempotence, a retry may double: \(reason)"))
  }

  /// Whether the cluster has no producer ids, or none for this client, and never will.
  private static func isRefusal(_ error: ClientError) -> Bool {
    switch error {
    case .unsupported: true
    case .broker: !error.isRetriable
    case .unreachable, .disconnected, .notKafka, .tls, .authentication, .timedOut, .malformed,
      .unknownTopic, .unknownPartition, .closed:
      false
    }
  }

  private func askIdentity(timeoutMs: Int64) async throws(ClientError) -> ProducerState.Stamp {
    let timeoutMs = max(1, min(timeoutMs, cluster.configuration.socketTimeoutMs))
    let connection = try await cluster.anyConnection(timeoutMs: timeoutMs)
    var request = InitProducerIdRequest()
    // Without a transactional id the timeout has no meaning, but brokers want one that is allowed.
    request.transactionTimeoutMs = 60_000
    let response = try await connection.request(request, timeoutMs: timeoutMs)
    guard response.errorCode == .none else { throw .broker(response.errorCode, message: nil) }
    var stamp = ProducerState.Stamp()
    stamp.producerId = response.producerId
    stamp.producerEpoch = response.producerEpoch
    return stamp
  }

  func newProducerId() {
    Net.task { [weak self] in
      guard let self else { return }
      do throws(ClientError) {
        let fresh = try await self.askIdentity(
          timeoutMs: self.cluster.configuration.socketTimeoutMs)
        guard !self.isClosed else { return }
        self.run(
          self.state.identified(
            producerId: fresh.producerId, epoch: fresh.producerEpoch,
            nowMs: MonotonicClock.nowMs))
      } catch {
        guard !self.isClosed else { return }
        self.log(ClientLog(.info, "IDEMPOTENCE", "no producer id: \(error)"))
        self.run(self.state.identificationFailed(nowMs: MonotonicClock.nowMs))
      }
    }
  }
}
