internal import CCurl

/// Requests and mails one after another, on connections that stay open between them.
///
/// For one thread at a time, and not the loop's.
public final class HTTPSession {
  private var session = ccurl_session()

  /// Makes one that has no connection yet.
  public init() {}

  deinit { ccurl_close(&session) }

  /// Sends a request and waits for its answer.
  ///
  /// Redirects are not followed. `isStopping` is asked at least every second; true ends it with an error.
  /// - Throws: `HTTPError` where no answer came, or one that is too large or too late.
  public func perform(_ request: HTTPRequest, isStopping: () -> Bool = { false })
    throws(HTTPError) -> HTTPResponse
  {
    let lines = request.headers.map { "\($0.name): \($0.value)" }
    guard !lines.contains(where: { $0.utf8.contains { $0 < 0x20 } }) else {
      throw HTTPError(description: "a header has a control character")
    }
    let texts = CTexts()
    var raw = ccurl_request()
    raw.method = texts.pointer(request.method)
    raw.headers = texts.pointers(lines)
    raw.answer_max = request.bodyBytesMax
    raw.needs_body = request.needsBody
    raw.allows_plain_text = request.allowsPlainText
    switch request.peers {
    case .any: raw.peers = ccurl_any_peer
    case .notLinkLocal: raw.peers = ccurl_no_link_local
    case .loopback: raw.peers = ccurl_loopback
    }
    let answer = perform(
      &raw, texts, url: request.url, request.body, request.login, request.authorities,
      timeoutMs: request.timeoutMs, isStopping)
    if let error = answer.error { throw error }
    return answer.response
  }

  /// Sends a mail and waits until the server has taken it.
  ///
  /// `isStopping` is asked at least every second; true ends it with an error.
  /// - Throws: `HTTPError` where the server did not take it, whichever recipient it objected to.
  public func send(_ mail: Mail, isStopping: () -> Bool = { false }) throws(HTTPError) {
    guard let url = mail.url else {
      throw HTTPError(description: "no mail server is named like this; write smtp://HOST:PORT")
    }
    let envelope = mail.recipients + [mail.sender]
    guard !mail.recipients.isEmpty, envelope.allSatisfy({ Mail.isEnvelopeSafe($0) }) else {
      throw HTTPError(description: "an address of the mail is none")
    }
    let texts = CTexts()
    var raw = ccurl_request()
    raw.mail_from = texts.pointer(mail.sender)
    raw.mail_to = texts.pointers(mail.recipients)
    raw.answer_max = 1 << 16
    raw.is_tls_optional = mail.isTLSOptional
    raw.peers = ccurl_no_link_local
    let answer = perform(
      &raw, texts, url: url, mail.bytes, mail.login, mail.authorities, timeoutMs: mail.timeoutMs,
      isStopping)
    guard let error = answer.error else { return }
    let status = answer.response.status
    guard (400..<600).contains(status) else { throw error }
    throw HTTPError(
      description: "the mail server answers \(answer.reply)", mayPass: status < 500,
      mailStatus: status)
  }

  /// What is common to both.
  private func perform(
    _ raw: inout ccurl_request, _ texts: CTexts, url: String, _ body: [UInt8], _ login: Login?,
    _ authorities: HTTPRequest.Authorities, timeoutMs: Int, _ isStopping: () -> Bool
  ) -> (response: HTTPResponse, reply: String, error: HTTPError?) {
    raw.url = texts.pointer(url)
    raw.timeout_ms = timeoutMs
    if let login {
      raw.username = texts.pointer(login.username)
      raw.password = texts.pointer(login.password)
    }
    switch authorities {
    case .system: break
    case .path(let path): raw.ca_path = texts.pointer(path)
    case .pem(let text):
      raw.ca_pem = UnsafeRawPointer(texts.pointer(text))
      raw.ca_pem_count = text.utf8.count
    }
    var answer = ccurl_response()
    defer { ccurl_free(&answer) }
    let status = withExtendedLifetime(texts) {
      body.withUnsafeBytes { body in
        withoutActuallyEscaping(isStopping) { isStopping in
          withUnsafePointer(to: isStopping) { isStopping in
            raw.body = body.isEmpty ? nil : body.baseAddress
            raw.body_count = body.count
            raw.context = UnsafeMutableRawPointer(mutating: isStopping)
            raw.is_stopping = { $0?.assumingMemoryBound(to: (() -> Bool).self).pointee() ?? false }
            return ccurl_perform(&session, &raw, &answer)
          }
        }
      }
    }
    let received = UnsafeRawBufferPointer(start: answer.body, count: answer.body_count)
    var response = HTTPResponse(status: Int(answer.status), body: Array(received))
    guard status != 0 else {
      if answer.retry_after_s > 0 {
        response.retryAfterMs = min(answer.retry_after_s, 1 << 32) * 1000
      }
      response.redirectHost = HTTPResponse.host(of: Self.text(of: answer.redirect))
      return (response, "", nil)
    }
    let refused = Self.text(of: answer.refused)
    let error = HTTPError(
      description: Self.text(of: answer.error), mayPass: answer.may_pass,
      refusedAddress: refused.isEmpty ? nil : refused)
    let reply = Self.text(of: answer.reply).utf8.filter { (0x20...0x7E).contains($0) }
    return (response, String(decoding: reply, as: UTF8.self), error)
  }

  /// The text in an array of C, which Swift sees as a tuple.
  private static func text<T>(of array: T) -> String {
    withUnsafeBytes(of: array) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
