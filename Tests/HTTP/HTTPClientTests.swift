import HTTP
import TestSupport
import Testing

@Suite struct HTTPClientTests {
  private func perform(_ request: HTTPRequest) async -> Result<HTTPResponse, HTTPError> {
    await onOwnThread {
      do throws(HTTPError) {
        return .success(try HTTPClient.perform(request))
      } catch {
        return .failure(error)
      }
    }
  }

  private func request(_ url: String) -> HTTPRequest {
    var request = HTTPRequest("POST", url)
    request.allowsPlainText = true
    return request
  }

  @Test func `head and body arrive, and status and body come back`() async throws {
    let server = WebServer { _ in WebServer.json("{\"a\":1}", status: "201 Created") }
    var request = request("\(server.url)/path")
    request.headers = [("X-One", "1"), ("Content-Type", "text/plain")]
    request.body = Array("hello".utf8)
    let response = try await perform(request).get()
    #expect(response.status == 201)
    #expect(String(decoding: response.body, as: UTF8.self) == "{\"a\":1}")
    let sent = try #require(server.requests.first)
    #expect(sent.hasPrefix("POST /path HTTP/1.1\r\n"))
    #expect(sent.contains("\r\nX-One: 1\r\n"))
    #expect(sent.hasSuffix("\r\n\r\nhello"))
  }

  @Test func `S30: plain http is refused unless it is allowed`() async {
    let server = WebServer { _ in WebServer.json("{}") }
    var request = request(server.url)
    request.allowsPlainText = false
    guard case .failure(let error) = await perform(request) else {
      Issue.record("an answer came")
      return
    }
    #expect(error.description.contains("http"), "\(error)")
    #expect(server.requests.isEmpty)
  }

  @Test func `S30: a redirect is an answer and is not followed`() async throws {
    let other = WebServer { _ in WebServer.json("{}") }
    let server = WebServer { _ in
      WebServer.json("", status: "302 Found", head: "Location: \(other.url)/\r\n")
    }
    #expect(try await perform(request(server.url)).get().status == 302)
    #expect(other.requests.isEmpty)
  }

  @Test func `S30: a huge body and a slow one end in an error`() async {
    let huge = WebServer { _ in WebServer.json(String(repeating: "x", count: 5000)) }
    var request = request(huge.url)
    request.bodyBytesMax = 4999
    guard case .failure(let error) = await perform(request) else {
      Issue.record("an answer came")
      return
    }
    #expect(error.description == "the answer has more than 4999 bytes")
    let silent = WebServer { _ in nil }
    request.url = silent.url
    request.timeoutMs = 200
    guard case .failure(let late) = await perform(request) else {
      Issue.record("an answer came")
      return
    }
    #expect(late.description.contains("timed out"), "\(late)")
  }

  @Test func `a line break in a header is refused`() async {
    var request = request("http://127.0.0.1:1/")
    request.headers = [("A", "b\r\nC: d")]
    guard case .failure(let error) = await perform(request) else {
      Issue.record("an answer came")
      return
    }
    #expect(error.description == "a header has a control character")
  }
}
