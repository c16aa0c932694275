internal import CCurl

/// One request, one answer: by libcurl, which is opened at first use.
public enum HTTPClient {
  /// Sends a request and waits for its answer; any thread but the loop's.
  ///
  /// Redirects are not followed.
  /// - Throws: `HTTPError` where no answer came, or one that is too large or too late.
  public static func perform(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
    let lines = request.headers.map { "\($0.name): \($0.value)" }
    guard !lines.contains(where: { $0.utf8.contains { $0 < 0x20 } }) else {
      throw HTTPError(description: "a header has a control character")
    }
    var response = ccurl_response()
    defer { ccurl_free(&response) }
    let status = withCStrings(lines) { headers in
      request.method.withCString { method in
        request.url.withCString { url in
          request.body.withUnsafeBytes { body in
            var raw = ccurl_request()
            raw.method = method
            raw.url = url
            raw.headers = headers
            raw.body = body.isEmpty ? nil : body.baseAddress
            raw.body_count = body.count
            raw.timeout_ms = request.timeoutMs
            raw.answer_max = request.bodyBytesMax
            raw.allows_plain_text = request.allowsPlainText
            return perform(&raw, request.authorities, &response)
          }
        }
      }
    }
    guard status == 0 else {
      let text = withUnsafeBytes(of: response.error) { $0.prefix { $0 != 0 }.map { $0 } }
      throw HTTPError(description: String(decoding: text, as: UTF8.self))
    }
    let body = UnsafeRawBufferPointer(start: response.body, count: response.body_count)
    return HTTPResponse(status: Int(response.status), body: Array(body))
  }

  private static func perform(
    _ raw: inout ccurl_request, _ authorities: HTTPRequest.Authorities,
    _ response: inout ccurl_response
  ) -> Int32 {
    switch authorities {
    case .system: return ccurl_perform(&raw, &response)
    case .path(let path):
      return path.withCString {
        raw.ca_path = $0
        return ccurl_perform(&raw, &response)
      }
    case .pem(let text):
      return Array(text.utf8).withUnsafeBytes {
        raw.ca_pem = $0.baseAddress
        raw.ca_pem_count = $0.count
        return ccurl_perform(&raw, &response)
      }
    }
  }

  /// The texts as C strings, a null pointer behind the last.
  private static func withCStrings<T>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> T
  ) -> T {
    var bytes: [CChar] = []
    var starts: [Int] = []
    for text in texts {
      starts.append(bytes.count)
      bytes += text.utf8CString
    }
    return bytes.withUnsafeBufferPointer { bytes in
      let pointers = starts.map { bytes.baseAddress?.advanced(by: $0) } + [nil]
      return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
  }
}
