import HTTP
import Healthbot

/// A destination and the connection to it; for one thread at a time, which it blocks.
///
/// What may be connected to is checked twice: the address as it is configured, and the one that its name
/// leads to (S56). Behind a proxy (`https_proxy`) the proxy resolves the name, so that only the first
/// check is hbcat's; plain http and mail pass no proxy.
final class WebChannel {
  /// Bytes of an answer that are read; its status is what counts.
  private static let answerBytesMax = 1 << 16

  private let destination: WebDestination
  private let settings: WebSettings
  private let session = HTTPSession()

  init(_ destination: WebDestination, _ settings: WebSettings) {
    self.destination = destination
    self.settings = settings
  }

  /// Tries once; true from `isStopping` ends it within a second.
  func attempt(_ payload: WebMessage.Payload, isStopping: () -> Bool) -> AttemptOutcome {
    switch (destination.way, payload) {
    case (.webhook(let post), .post(let payload)):
      return self.post(payload, to: post.url, post.basic, isStopping)
    case (.slack(let channel), .post(let payload)):
      return post(payload, to: channel.url, nil, isStopping)
    case (.teams(let channel), .post(let payload)):
      return post(payload, to: channel.url, nil, isStopping)
    case (.mail(_, let server), .mail(let payload)):
      return send(payload, by: server, isStopping)
    case (.webhook, .mail), (.slack, .mail), (.teams, .mail), (.mail, .post):
      preconditionFailure("a payload of another way")
    }
  }

  private func post(
    _ payload: HTTPPayload, to url: ChannelURL, _ credentials: Credentials?,
    _ isStopping: () -> Bool
  ) -> AttemptOutcome {
    if let refusal = url.refusal(allowsPlainText: settings.allowsPlainText) {
      // The destination is named with its address already.
      return .failed(String(refusal.trimmingPrefix("\(url): ")), .channel)
    }
    var request = HTTPRequest("POST", url.text)
    request.headers = [(HTTPPayload.headerName, HTTPPayload.headerValue)]
    request.body = payload.body
    request.login = credentials.map { Login(username: $0.username, password: $0.password.text) }
    request.timeoutMs = settings.timeoutMs
    request.bodyBytesMax = Self.answerBytesMax
    request.needsBody = false
    request.allowsPlainText = url.isPlainText
    request.authorities = settings.authorities
    let isForLoopback = url.isPlainText && !settings.allowsPlainText
    request.peers = isForLoopback ? .loopback : .notLinkLocal
    do throws(HTTPError) {
      let response = try session.perform(request, isStopping: isStopping)
      return .answer(
        status: response.status, retryAfterMs: response.retryAfterMs,
        redirectHost: response.redirectHost)
    } catch {
      guard let address = error.refusedAddress else {
        return .failed(error.description, error.mayPass ? .passing : .channel)
      }
      return .failed(Self.refusal(address, isForLoopback: isForLoopback), .channel)
    }
  }

  private func send(
    _ payload: MailPayload, by server: Emails.Server, _ isStopping: () -> Bool
  ) -> AttemptOutcome {
    var mail = Mail(
      server: server.address, sender: payload.sender, recipients: payload.recipients,
      bytes: payload.bytes)
    mail.login = server.credentials.map { Login(username: $0.username, password: $0.password.text) }
    mail.timeoutMs = settings.timeoutMs
    mail.authorities = settings.authorities
    do throws(HTTPError) {
      try session.send(mail, isStopping: isStopping)
      return .answer(status: 250)
    } catch {
      if let address = error.refusedAddress {
        return .failed(Self.refusal(address, isForLoopback: false), .channel)
      }
      if error.mayPass { return .failed(error.description, .passing) }
      // 53x is about who sends; other 5xx are about this mail and its recipients (RFC 5321, 4.2).
      let isOfMessage = error.mailStatus.map { !(530..<540).contains($0) } ?? false
      guard isOfMessage else { return .failed(error.description, .channel) }
      return sendSingly(mail, isStopping) ?? .failed(error.description, .message)
    }
  }

  /// One recipient who is refused must not keep the mail from the others.
  ///
  /// Nil where none can be helped. As some have the mail then, it is not tried again for the rest.
  private func sendSingly(_ mail: Mail, _ isStopping: () -> Bool) -> AttemptOutcome? {
    guard mail.recipients.count > 1 else { return nil }
    var refusals: [String] = []
    for recipient in mail.recipients {
      var single = mail
      single.recipients = [recipient]
      do throws(HTTPError) { try session.send(single, isStopping: isStopping) } catch {
        refusals.append("\(recipient): \(error)")
      }
    }
    guard let first = refusals.first else { return .answer(status: 250) }
    guard refusals.count < mail.recipients.count else { return nil }
    return .failed(
      "\(refusals.count) of \(mail.recipients.count) recipients do not get it: \(first)", .message)
  }

  private static func refusal(_ address: String, isForLoopback: Bool) -> String {
    isForLoopback
      ? "its name leads to \(address), which is not this machine, and http is readable on the way; use "
        + "https, or --allow-http"
      : "its name leads to \(address), an address of the link or of a cloud's metadata service, which "
        + "gets no alarms; correct the name or the address"
  }
}
