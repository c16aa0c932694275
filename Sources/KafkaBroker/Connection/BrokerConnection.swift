import KafkaProtocol
import Transport

/// One client's connection: frames in, answers out, strictly in order.
@Net final class BrokerConnection: SocketDelegate {
  /// The largest request, in bytes (Kafka's `socket.request.max.bytes`).
  static let frameBytesMax = 100 << 20
  /// Bytes of answers in wait beyond which no more requests are carried out or read.
  static let queuedBytesMax = 4 << 20
  /// Bytes of requests in wait behind a waiting one beyond which no more are read.
  static let pendingBytesMax = 64 << 10
  private static let inputBytes = 64 << 10
  /// The largest input buffer that is kept when it is empty.
  private static let inputBytesKept = 4 << 20

  private let socket: Socket
  private let broker: Broker
  /// The broker of the cluster that was dialled.
  let nodeId: Int32
  private var input = Buffer(capacity: BrokerConnection.inputBytes)
  private var start = 0
  private var end = 0
  private var isClosed = false
  private var isProcessing = false
  private var isReading = false
  private var wait: (any Wait)?
  private var delay: Timer?
  /// Whether the request at the head has had its delay and is to be carried out now.
  private var delayed = false

  init(_ socket: Socket, broker: Broker, nodeId: Int32) {
    self.socket = socket
    self.broker = broker
    self.nodeId = nodeId
  }

  /// The address on which the client came.
  var localHost: String {
    let host = socket.localAddress.host
    // A listener on :: shows IPv4 clients like this; they shall be told an IPv4 address.
    return host.hasPrefix("::ffff:") && host.contains(".") ? String(host.dropFirst(7)) : host
  }
  /// The client's address.
  var peerHost: String { socket.peerAddress.host }
  /// The client, for messages.
  var peer: String { socket.peerAddress.description }

  func begin() {
    socket.delegate = self
    updateReading()
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    wait?.cancel()
    wait = nil
    delay?.cancel()
    delay = nil
    broker.closed(self)
    socket.close()
  }

  private func close(violation: String) {
    broker.violation("\(peer): \(violation)")
    close()
  }

  // MARK: - Reading

  func readSpace(for socket: Socket) -> UnsafeMutableRawBufferPointer {
    if end == input.space.count { makeRoom() }
    return UnsafeMutableRawBufferPointer(rebasing: input.space[end...])
  }

  func socket(_ socket: Socket, read count: Int) {
    end += count
    process()
  }

  func socketClosed(_ socket: Socket, error: TransportError?) { close() }

  /// Moves what is unread to the start, or, where it is there already, doubles the buffer.
  private func makeRoom() {
    let unread = UnsafeRawBufferPointer(input.space)[start..<end]
    if start > 0 {
      input.space.copyMemory(from: UnsafeRawBufferPointer(rebasing: unread))
    } else {
      let larger = Buffer(capacity: input.space.count * 2)
      larger.space.copyMemory(from: UnsafeRawBufferPointer(rebasing: unread))
      input = larger
    }
    (start, end) = (0, unread.count)
  }

  private var isBlocked: Bool { wait != nil || delay != nil }
  private var isChoked: Bool { socket.queuedBytes > Self.queuedBytesMax }

  private func updateReading() {
    guard !isClosed else { return }
    let wanted = !isChoked && !(isBlocked && end - start >= Self.pendingBytesMax)
    guard wanted != isReading else { return }
    isReading = wanted
    if wanted { socket.startReading() } else { socket.stopReading() }
  }

  /// The range of the next frame behind its length, if all of it is there.
  private func nextFrame() -> Range<Int>? {
    guard end - start >= 4 else { return nil }
    let length = Int(
      Int32(bigEndian: input.space.loadUnaligned(fromByteOffset: start, as: Int32.self)))
    guard length >= 8, length <= Self.frameBytesMax else {
      close(
        violation: "a frame says it has \(length) bytes; from 8 to \(Self.frameBytesMax) can be")
      return nil
    }
    guard end - start - 4 >= length else { return nil }
    return start + 4..<start + 4 + length
  }

  // MARK: - Answering

  private func process() {
    guard !isProcessing else { return }
    isProcessing = true
    while !isClosed, !isBlocked, !isChoked, let frame = nextFrame() {
      handle(frame)
    }
    isProcessing = false
    if start == end {
      (start, end) = (0, 0)
      if input.space.count > Self.inputBytesKept { input = Buffer(capacity: Self.inputBytes) }
    }
    updateReading()
  }

  private func handle(_ range: Range<Int>) {
    let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(input.space)[range])
    let header: RequestHeader
    do { header = try RequestHeader(in: bytes) } catch {
      return close(violation: "a request's header is broken: \(error)")
    }
    guard let api = APIKey(rawValue: header.key), let versions = Dispatch.versions(api) else {
      return close(violation: "API key \(header.key) was not advertised")
    }
    var fault: Fault?
    if delayed {
      delayed = false
    } else {
      broker.count(api)
      fault = broker.faults.take(api, at: nodeId)
    }
    switch fault {
    case .delay(let milliseconds):
      delayed = true
      delay = Timer(afterMs: milliseconds) { [weak self] in
        self?.delay = nil
        self?.process()
      }
      return
    case .disconnectBefore: return close()
    case .error, .disconnectAfter, .cut, .noReply, .flipByte, .throttle, nil: break
    }
    start = range.upperBound
    var injected: ErrorCode?
    var throttleTimeMs: Int32 = 0
    switch fault {
    case .error(let code): injected = code
    case .throttle(let milliseconds): throttleTimeMs = milliseconds
    case .delay, .disconnectBefore, .disconnectAfter, .cut, .noReply, .flipByte, nil: break
    }
    let call = Call(
      broker: broker, connection: self, nodeId: nodeId, header: header, injected: injected,
      throttleTimeMs: throttleTimeMs)
    let outcome: Outcome
    if versions.contains(header.version) {
      do { outcome = try Dispatch.run(api, bytes, call) } catch {
        return close(violation: "\(api.name) v\(header.version): \(error)")
      }
    } else if api == .apiVersions {
      outcome = ApiVersionsHandler.unsupported(call)
    } else {
      return close(violation: "\(api.name) v\(header.version) was not advertised")
    }
    finish(outcome, fault)
    broker.finishReadyWaits()
  }

  private func finish(_ outcome: Outcome, _ fault: Fault?) {
    switch outcome {
    case .silence:
      if fault == .disconnectAfter { close() }
    case .hangUp: close()
    case .close(let reason): close(violation: reason)
    case .reply(let reply): send(reply, fault)
    case .wait(let wait):
      self.wait = wait
      wait.finished = { [weak self] outcome in
        guard let self else { return }
        self.wait = nil
        finish(outcome, fault)
        process()
      }
    }
  }

  private func send(_ reply: Reply, _ fault: Fault?) {
    switch fault {
    case .noReply: return
    case .disconnectAfter: return close()
    case .cut(let count):
      return socket.write(Array(reply.flattened().prefix(max(0, count)))) { [weak self] _ in
        self?.close()
      }
    case .flipByte(let place):
      var bytes = reply.flattened()
      if bytes.indices.contains(place) { bytes[place] ^= 0xff }
      return socket.write(bytes, then: nil)
    case .throttle(let milliseconds):
      // Whoever sends on all the same must wait, as in Kafka (KIP-219).
      delay = Timer(afterMs: Int64(milliseconds)) { [weak self] in
        self?.delay = nil
        self?.process()
      }
    case .error, .delay, .disconnectBefore, nil: break
    }
    reply.send(on: socket) { [weak self] _ in self?.written() }
  }

  /// Goes on with requests that waited for answers to go out.
  private func written() {
    guard !isClosed, !isReading || start < end else { return }
    process()
  }
}
