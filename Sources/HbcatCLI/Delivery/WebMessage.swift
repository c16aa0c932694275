import HTTP
import Healthbot

/// How messages are delivered by HTTP and SMTP.
struct WebSettings: Sendable {
  /// Whether plain http may leave this machine (`--allow-http`).
  var allowsPlainText = false
  /// Who may vouch for the servers.
  var authorities = HTTPRequest.Authorities.system
  /// How long one attempt may take, in milliseconds.
  var timeoutMs = 10_000
  /// How often a message is tried.
  var policy = DeliveryPolicy()
  /// How fast a chat gets messages; nil for as fast as it takes them.
  var chatRate: RateLimit? = RateLimit()
  /// Attempts at the same time.
  var workersMax = 4
}

/// What is sent to a destination.
struct WebMessage: Sendable {
  enum Payload: Sendable {
    case post(HTTPPayload)
    case mail(MailPayload)
  }

  /// The submitter's own number for it, by which it knows the outcome.
  let id: UInt64
  let payload: Payload

  init(id: UInt64, payload: Payload) {
    self.id = id
    self.payload = payload
  }

  /// What a destination is sent of an alarm, or of several where people read it; a webhook gets one each.
  ///
  /// - Throws: `PayloadError` where it is too large.
  init(
    id: UInt64, _ batch: AlarmBatch, to destination: WebDestination,
    template: MessageTemplate? = nil, nowMs: Int64
  ) throws(PayloadError) {
    self.id = id
    guard let alarm = batch.kept.first else { preconditionFailure("a batch is never empty") }
    let message = ChatMessage(batch, template: template) ?? ChatMessage(alarm, template: template)
    switch destination.way {
    case .webhook: payload = .post(try HTTPPayload(webhook: alarm))
    case .slack(let channel): payload = .post(HTTPPayload(slack: message, channel: channel.channel))
    case .teams: payload = .post(HTTPPayload(teams: message))
    case .mail(let ids, let server):
      payload = .mail(MailPayload(message, to: ids, sender: server.sender, nowMs: nowMs))
    }
  }

  var byteCount: Int {
    switch payload {
    case .post(let payload): payload.body.count
    case .mail(let payload): payload.bytes.count
    }
  }
}

/// What became of a message.
struct WebOutcome: Sendable {
  /// The submitter's own number for it.
  let id: UInt64
  let destination: WebDestination
  /// Why it is not delivered; nil where it is.
  let failure: DeliveryFailure?
}
