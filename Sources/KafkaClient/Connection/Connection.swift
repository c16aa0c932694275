public import KafkaProtocol
public import Transport

/// One connection to a broker: requests out, responses in, in order.
///
/// A response is read straight into the buffer in which it is parsed. The first four bytes of a frame,
/// its length, are read alone; then memory is taken.
@Net public final class Connection: SocketDelegate {
  /// Gets the response's frame, its length left off, or why there is none.
  public typealias Handler = @Net (Result<Buffer, ClientError>) -> Void

  /// `host:port/id`, as librdkafka names it; `host:port/bootstrap` before the id is known.
  public let name: String
  /// What the broker speaks.
  public private(set) var versions: VersionTable
  /// The client's side of the TCP connection.
  public var localAddress: SocketAddress { socket.localAddress }
  /// The broker's side of it.
  public var peerAddress: SocketAddress { socket.peerAddress }
  /// True until it broke or was closed.
  public var isOpen: Bool { !state.isClosed }
  /// Requests that were sent and not answered.
  public var inFlightCount: Int { state.count }

  private let socket: any ByteStream
  private let buffers: FrameBuffers
  private let clientID: String
  private let debug: DebugLog
  private let decoder: FrameDecoder
  private var state = ConnectionState<Handler>()
  private var deadline: Timer?
  private var whenClosed: [@Net (ClientError) -> Void] = []
  /// Runs while the broker wants nothing more (KIP-219); what is to be sent waits for its end.
  private var rest: Timer?
  /// Closes the connection when nothing was sent for `idleMaxMs`, which 0 turns off.
  private var idle: Timer?
  private let idleMaxMs: Int64
  private var lastSentMs = MonotonicClock.nowMs
  private var restUntilMs: Int64 = 0
  private var held: [@Net () -> Void] = []

  /// The client authenticates itself again: requests other than that wait.
  private var isAuthenticating = false
  /// Why the broker does not know the client any more; those who come later hear it too.
  private var refusal: ClientError?
  /// Lets the client authenticate itself again in time (KIP-368).
  var reauthentication: Timer? {
    didSet { oldValue?.cancel() }
  }

  private let lengthBytes = Buffer(capacity: 4)
  private var lengthCount = 0
  private var frame: Buffer?
  private var frameSize = 0
  private var answerCount = 0
  private var hasAnswered: Bool { answerCount > 0 }

  init(
    _ socket: any ByteStream, name: String, clientID: String, frameMax: Int, buffers: FrameBuffers,
    versions: VersionTable, idleMaxMs: Int64 = 0, debug: DebugLog
  ) {
    self.socket = socket
    self.debug = debug
    self.name = name
    self.clientID = clientID
    decoder = FrameDecoder(limit: frameMax)
    self.buffers = buffers
    self.versions = versions
    self.idleMaxMs = idleMaxMs
    socket.delegate = self
    socket.startReading()
    if idleMaxMs > 0 { watchIdleness(afterMs: idleMaxMs) }
  }

  private func watchIdleness(afterMs: Int64) {
    idle = Timer(afterMs: afterMs) { [weak self] in
      guard let self, !state.isClosed else { return }
      let isBusy = state.count > 0 || rest != nil
      let leftMs = isBusy ? idleMaxMs : lastSentMs + idleMaxMs - MonotonicClock.nowMs
      guard leftMs <= 0 else { return watchIdleness(afterMs: leftMs) }
      close(.disconnected(peer: name, reason: "idle for \(idleMaxMs) ms (connections.max.idle.ms)"))
    }
  }

  /// Notes what the broker speaks.
  func negotiated(_ table: VersionTable) { versions = table }

  /// The newest version of `api` that both sides speak.
  ///
  /// - Throws: `ClientError.unsupported` where there is none.
  public func version(of api: APIKey, atMost limit: Int16 = .max) throws(ClientError) -> Int16 {
    try versions.version(of: api, atMost: limit)
  }

  /// Runs `body` when the connection ends, at once if it has.
  public func onClose(_ body: @escaping @Net (ClientError) -> Void) {
    if state.isClosed {
      body(.disconnected(peer: name, reason: "closed"))
    } else {
      whenClosed.append(body)
    }
  }

  /// Sends a request and waits for its answer, in the newest version that both sides speak.
  ///
  /// - Throws: `ClientError`; error codes inside the response are the caller's.
  public func request<R: KafkaRequest>(
    _ request: R, version: Int16? = nil, timeoutMs: Int64
  ) async throws(ClientError) -> R.Response {
    let version = if let version { version } else { try self.version(of: R.api) }
    let (response, frame) = try await exchange(request, version: version, timeoutMs: timeoutMs)
    buffers.giveBack(frame, size: frame.count)
    if let answer = response as? any ThrottledResponse { heed(answer, version: version) }
    return response
  }

  /// Sends a request and waits for its answer, whose frame the caller is to give back.
  ///
  /// What the answer says of throttling is the caller's too.
  /// - Throws: `ClientError`; error codes inside the response are the caller's.
  func exchange<R: KafkaRequest>(_ request: R, version: Int16, timeoutMs: Int64)
    async throws(ClientError) -> (response: R.Response, frame: Buffer)
  {
    let result: Result<Buffer, ClientError> = await withCheckedContinuation { continuation in
      send(request, version: version, timeoutMs: timeoutMs) { continuation.resume(returning: $0) }
    }
    let frame = try result.get()
    do {
      return (try R.response(in: frame.bytes, version: version).response, frame)
    } catch {
      buffers.giveBack(frame, size: frame.count)
      throw .malformed(what: "\(R.api.name) response v\(version)", peer: name, error)
    }
  }

  /// Sends a request; `then` runs once, on the loop.
  ///
  /// `records` fill the request's record fields in order; they stay where they are and leave by the same
  /// writev as the head, and `owners` keep them alive. With `awaitsResponse` false (acks=0) `then` runs
  /// with an empty buffer when the bytes are written.
  public func send<R: KafkaRequest>(
    _ request: R, version: Int16, records: [UnsafeRawBufferPointer] = [],
    keeping owners: [any AnyObject & Sendable] = [], timeoutMs: Int64,
    awaitsResponse: Bool = true, then: @escaping Handler
  ) {
    guard !state.isClosed else {
      return then(.failure(refusal ?? .disconnected(peer: name, reason: "closed")))
    }
    guard rest == nil, !isAuthenticating || R.api == .saslHandshake || R.api == .saslAuthenticate
    else {
      return held.append {
        self.send(
          request, version: version, records: records, keeping: owners, timeoutMs: timeoutMs,
          awaitsResponse: awaitsResponse, then: then)
      }
    }
    lastSentMs = MonotonicClock.nowMs
    let correlationID = state.nextCorrelationID()
    let outgoing: OutgoingFrame
    do {
      outgoing = try request.frame(
        version: version, correlationID: correlationID, clientID: clientID)
    } catch {
      return then(
        .failure(.malformed(what: "\(R.api.name) request v\(version)", peer: name, error)))
    }
    let then = logged(R.api, version, correlationID, outgoing, records, then)
    let head = Buffer(outgoing.head)
    var pieces: [UnsafeRawBufferPointer] = []
    pieces.reserveCapacity(outgoing.splices.count * 2 + 1)
    var from = 0
    for (splice, data) in zip(outgoing.splices, records) {
      pieces.append(UnsafeRawBufferPointer(rebasing: head.bytes[from..<splice.headCount]))
      pieces.append(data)
      from = splice.headCount
    }
    if from < outgoing.head.count {
      pieces.append(UnsafeRawBufferPointer(rebasing: head.bytes[from...]))
    }
    if awaitsResponse {
      state.sent(
        correlationID, deadlineMs: MonotonicClock.nowMs + timeoutMs, timeoutMs: timeoutMs, then)
      armDeadline()
      socket.write(pieces, keeping: owners + [head], then: nil)
    } else {
      socket.write(pieces, keeping: owners + [head]) { [name] error in
        if let error {
          then(.failure(.disconnected(peer: name, reason: "\(error)")))
        } else {
          then(.success(Buffer(capacity: 0)))
        }
      }
    }
  }

  /// Tells of a request that is sent, and of its answer, where that is asked for.
  private func logged(
    _ api: APIKey, _ version: Int16, _ correlationID: Int32, _ frame: OutgoingFrame,
    _ records: [UnsafeRawBufferPointer], _ then: @escaping Handler
  ) -> Handler {
    let contexts = DebugContexts(api)
    guard !debug.contexts.isDisjoint(with: contexts) else { return then }
    let size = records.reduce(frame.head.count) { $0 + $1.count }
    debug(
      contexts, "SEND",
      "\(name): Sent \(api.name)Request (v\(version), \(size) bytes, CorrId \(correlationID))")
    let startMs = MonotonicClock.nowMs
    return { [debug, name] result in
      if case .success(let answer) = result {
        let tookMs = MonotonicClock.nowMs - startMs
        debug(
          contexts, "RECV",
          "\(name): Received \(api.name)Response (v\(version), \(answer.count) bytes, "
            + "CorrId \(correlationID), rtt \(tookMs)ms)")
      }
      then(result)
    }
  }

  /// Ends the connection; those who wait get an error.
  public func close(_ error: ClientError = .closed) {
    guard !state.isClosed else { return }
    debug(.broker, "DISCONNECT", "\(name): \(error.reason)")
    let waiting = state.close()
    if case .authentication = error { refusal = error }
    reauthentication = nil
    deadline?.cancel()
    deadline = nil
    idle?.cancel()
    idle = nil
    socket.close()
    if let torn = frame { buffers.giveBack(torn, size: frameSize) }
    frame = nil
    for waiter in waiting { waiter(.failure(error)) }
    rest?.cancel()
    endRest()
    let bodies = whenClosed
    whenClosed = []
    for body in bodies { body(error) }
  }

  // MARK: Authentication again (KIP-368)

  /// Lets all requests but SASL's wait, behind those that are in flight: the broker takes no other ones
  /// between the first and the last of an exchange.
  func hold() { isAuthenticating = true }

  /// Sends what has waited, in order.
  func release() {
    isAuthenticating = false
    sendHeld()
  }

  /// How long what is in flight may still take, in milliseconds.
  var inFlightTimeoutMs: Int64 {
    state.lastDeadlineMs.map { max(0, $0 - MonotonicClock.nowMs) } ?? 0
  }

  // MARK: Throttling (KIP-219)

  /// Sends nothing for as long as the answer says, and at most for a minute at a time.
  func heed(_ answer: any ThrottledResponse, version: Int16) {
    guard answer.throttleTimeMs > 0, version >= type(of: answer).restsSince, !state.isClosed else {
      return
    }
    let ms = Int64(min(answer.throttleTimeMs, 60_000))
    restUntilMs = max(restUntilMs, MonotonicClock.nowMs + ms)
    if rest == nil { rest = Timer(afterMs: ms) { [weak self] in self?.endRest() } }
  }

  private func endRest() {
    let leftMs = restUntilMs - MonotonicClock.nowMs
    if leftMs > 0 && !state.isClosed {
      rest = Timer(afterMs: leftMs) { [weak self] in self?.endRest() }
      return
    }
    rest = nil
    sendHeld()
  }

  /// Sends what has waited; what must wait still is held again, in order.
  private func sendHeld() {
    let sends = held
    held = []
    for send in sends { send() }
  }

  // MARK: Timeouts

  private func armDeadline() {
    guard deadline == nil, let next = state.nextDeadlineMs else { return }
    deadline = Timer(afterMs: MonotonicClock.leftMs(until: next)) { [weak self] in
      self?.checkDeadline()
    }
  }

  private func checkDeadline() {
    deadline = nil
    guard let timeoutMs = state.overdueTimeoutMs(nowMs: MonotonicClock.nowMs) else {
      return armDeadline()
    }
    close(.timedOut(what: "request to \(name)", afterMs: timeoutMs))
  }

  // MARK: Reading

  /// Where the next bytes of the response, or of its length, go.
  public func readSpace(for socket: Socket) -> UnsafeMutableRawBufferPointer {
    guard let frame else {
      return UnsafeMutableRawBufferPointer(rebasing: lengthBytes.space[lengthCount..<4])
    }
    // Grows as bytes arrive, never to what is merely claimed (S1).
    if frame.count == frame.capacity { frame.grow(to: min(frameSize, frame.capacity * 2)) }
    return UnsafeMutableRawBufferPointer(
      rebasing: frame.space[frame.count..<min(frameSize, frame.capacity)])
  }

  /// Bytes of the response, or of its length, are there.
  public func socket(_ socket: Socket, read count: Int) {
    guard let frame else {
      lengthCount += count
      if lengthCount == 4 { beginFrame() }
      return
    }
    frame.count += count
    if frame.count == frameSize { endFrame(frame) }
  }

  private func beginFrame() {
    let length = UnsafeRawBufferPointer(rebasing: lengthBytes.space[..<4])
    do throws(FrameError) {
      guard case .incomplete(let total) = try decoder.next(in: length) else { return }
      frameSize = total - 4
      takeBuffer()
    } catch {
      let way = error.resembles == .nothing ? " (receive.message.max.bytes)" : ""
      close(nonsense("\(error)\(way)"))
    }
  }

  private func takeBuffer() {
    guard !state.isClosed else { return }
    guard let buffer = buffers.take(frameSize) else {
      socket.stopReading()
      return buffers.whenFree { [weak self] in
        guard let self, !self.state.isClosed else { return }
        self.takeBuffer()
        if self.frame != nil { self.socket.startReading() }
      }
    }
    frame = buffer
    lengthCount = 0
  }

  private func endFrame(_ complete: Buffer) {
    frame = nil
    let id = Int32(bigEndian: complete.bytes.load(as: Int32.self))
    switch state.received(id) {
    case .succeed(let waiter):
      answerCount += 1
      if state.count == 0 {
        deadline?.cancel()
        deadline = nil
      }
      waiter(.success(complete))
    case .desynchronised(let reason):
      buffers.giveBack(complete, size: complete.count)
      close(nonsense(reason))
    }
  }

  /// Bytes that are no answer: from a peer that never gave one, another try gives no better (F9, F10).
  private func nonsense(_ reason: String) -> ClientError {
    hasAnswered
      ? .disconnected(peer: name, reason: reason) : .notKafka(peer: name, reason: reason)
  }

  /// The broker, or the network, ended the connection: all who wait are told.
  public func socketClosed(_ socket: Socket, error: TransportError?) {
    if let tls = error?.tls { return close(.tls(peer: name, tls)) }
    close(
      .disconnected(
        peer: name,
        reason: error.map { "\($0)" }
          ?? (answerCount == 0
            ? "Disconnected before it answered (does it want TLS or SASL?)"
            : answerCount == 1
              ? "Disconnected after its first answer (does it want SASL? security.protocol)"
              : "Disconnected")))
  }
}
