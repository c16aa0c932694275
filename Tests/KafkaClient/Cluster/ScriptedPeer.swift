import KafkaProtocol
import Transport

/// A listener that agrees on versions as Kafka 4 does and answers Metadata as a test says.
@Net final class ScriptedPeer {
  /// What becomes of a Metadata request.
  enum Answer {
    case metadata(MetadataResponse)
    /// Nothing, and the connection stays.
    case silence
    /// The same, a byte at a time.
    case drip(MetadataResponse)
  }

  /// How clients authenticate themselves.
  struct SASL {
    var mechanisms = ["PLAIN"]
    /// The newest version of SaslHandshake; SaslAuthenticate is there from 1 on.
    var handshakeVersion: Int16 = 1
    /// How long each answer takes, in milliseconds.
    var delayMs: Int64 = 0
    /// Answers the client's messages.
    var answer: @Net ([UInt8]) -> SaslAuthenticateResponse = { _ in SaslAuthenticateResponse() }
  }

  /// What the listener knows of SASL; nil is nothing.
  var sasl: SASL?
  /// The APIs that were asked for, in order.
  private(set) var asked: [APIKey] = []
  /// Answers the n-th Metadata request of this peer.
  var answer: @Net (_ number: Int) -> Answer = { _ in .silence }
  /// Leaves ApiVersions unanswered until `answerVersions`.
  var holdsVersions = false
  private var heldVersions: [@Net () -> Void] = []
  /// When each Metadata request came, of `MonotonicClock`.
  private(set) var askedAtMs: [Int64] = []
  /// In which version each was.
  private(set) var versions: [Int16] = []
  /// Connections so far, and those that the client has closed.
  private(set) var opened = 0
  private(set) var closed = 0
  private var listener: Listener?
  private var connections: [FramedLink] = []

  init() throws {
    listener = try Listener(host: "127.0.0.1", port: 0) { [weak self] socket in
      guard let self else { return socket.close() }
      self.opened += 1
      self.connections.append(
        FramedLink(
          socket,
          { [weak self] frame, link in
            do { try self?.frame(frame, from: link) } catch { link.socket.close() }
          }, whenClosed: { [weak self] in self?.closed += 1 }))
    }
  }

  var port: UInt16 { listener?.address.port ?? 0 }

  func close() {
    listener?.close()
    hangUp()
  }

  /// Answers what was held, and from now on at once.
  func answerVersions() {
    holdsVersions = false
    for answer in heldVersions { answer() }
    heldVersions = []
  }

  /// Closes its connections.
  func hangUp() {
    for connection in connections { connection.socket.close() }
    connections = []
  }

  /// Metadata that name brokers by their peers, and topic `t` led by the first.
  static func metadata(
    _ brokers: [(id: Int32, peer: ScriptedPeer)], clusterId: String? = "one",
    throttleMs: Int32 = 0, error: ErrorCode = .none
  ) -> MetadataResponse {
    var response = MetadataResponse()
    response.throttleTimeMs = throttleMs
    response.errorCode = error
    response.clusterId = clusterId
    response.brokers = brokers.map { id, peer in
      var broker = MetadataResponse.Broker()
      broker.nodeId = id
      broker.host = "127.0.0.1"
      broker.port = Int32(peer.port)
      return broker
    }
    return response
  }

  private func frame(_ frame: UnsafeRawBufferPointer, from link: FramedLink) throws {
    let header = try RequestHeader(in: frame)
    if let api = APIKey(rawValue: header.key) { asked.append(api) }
    switch APIKey(rawValue: header.key) {
    case .apiVersions:
      var response = ApiVersionsResponse()
      var rows = [(APIKey.metadata, Int16(13)), (.apiVersions, 3)]
      if let sasl {
        rows.append((.saslHandshake, sasl.handshakeVersion))
        if sasl.handshakeVersion > 0 { rows.append((.saslAuthenticate, 2)) }
      }
      response.apiKeys = rows.map { key, newest in
        var row = ApiVersionsResponse.APIVersion()
        row.apiKey = key.rawValue
        row.maxVersion = newest
        return row
      }
      let bytes = try ApiVersionsRequest.frame(
        response, version: header.version, correlationID: header.correlationID)
      guard holdsVersions else { return link.socket.write(bytes.head) }
      heldVersions.append { link.socket.write(bytes.head) }
    case .metadata:
      askedAtMs.append(MonotonicClock.nowMs)
      versions.append(header.version)
      switch answer(askedAtMs.count - 1) {
      case .silence: break
      case .metadata(let response):
        link.socket.write(try bytes(response, header))
      case .drip(let response):
        let bytes = try bytes(response, header)
        Net.task {
          for byte in bytes {
            link.socket.write([byte])
            await sleep(milliseconds: 0)
          }
        }
      }
    case .saslHandshake where sasl != nil: try handshake(frame, header, link)
    case .saslAuthenticate where sasl != nil:
      let request = try SaslAuthenticateRequest.request(in: frame, after: header)
      if let response = sasl?.answer(request.authBytes) {
        try answerSASL(SaslAuthenticateRequest.self, response, header, link)
      }
    default: link.socket.close()
    }
  }

  private func handshake(
    _ frame: UnsafeRawBufferPointer, _ header: RequestHeader, _ link: FramedLink
  )
    throws
  {
    let request = try SaslHandshakeRequest.request(in: frame, after: header)
    var response = SaslHandshakeResponse()
    response.mechanisms = sasl?.mechanisms ?? []
    if !response.mechanisms.contains(request.mechanism) {
      response.errorCode = .unsupportedSaslMechanism
    }
    try answerSASL(SaslHandshakeRequest.self, response, header, link)
  }

  private func answerSASL<R: KafkaRequest>(
    _ type: R.Type, _ response: R.Response, _ header: RequestHeader, _ link: FramedLink
  ) throws {
    let bytes = try R.frame(response, version: header.version, correlationID: header.correlationID)
    _ = Timer(afterMs: sasl?.delayMs ?? 0) { link.socket.write(bytes.head) }
  }

  private func bytes(_ response: MetadataResponse, _ header: RequestHeader) throws -> [UInt8] {
    try MetadataRequest.frame(
      response, version: header.version, correlationID: header.correlationID
    ).head
  }
}
