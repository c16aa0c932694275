import Glibc
import Synchronization

/// A web server for a test: a thread per connection, which lasts until an answer says otherwise.
public final class WebServer: Sendable {
  /// `http://127.0.0.1:PORT`.
  public let url: String
  private let listener: Int32
  private let received = Received()

  private final class Received: Sendable {
    let requests = Mutex<[String]>([])
    let connections = Mutex(0)
  }

  /// The requests that came, heads and bodies.
  public var requests: [String] { received.requests.withLock { $0 } }

  /// How many connections came.
  public var connectionCount: Int { received.connections.withLock { $0 } }

  /// Listens; `answer` makes the whole answer of a request, nil keeps silent until the client leaves.
  ///
  /// It runs on the connection's thread, so that it may take its time.
  public init(_ answer: @escaping @Sendable (String) -> String?) {
    let (listener, port) = Self.listenOnLoopback()
    self.listener = listener
    url = "http://127.0.0.1:\(port)"
    startThread { [received] in Self.serve(listener, received, answer) }
  }

  /// A socket that listens on a free port of 127.0.0.1.
  static func listenOnLoopback() -> (listener: Int32, port: UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(listener, $0, size)
        _ = listen(listener, 64)
        _ = getsockname(listener, $0, &size)
      }
    }
    return (listener, UInt16(bigEndian: place.sin_port))
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// An answer with a status and a JSON body.
  public static func json(
    _ body: String, status: String = "200 OK", head: String = "", keepsOpen: Bool = false
  ) -> String {
    let connection = keepsOpen ? "keep-alive" : "close"
    return "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n\(head)"
      + "Content-Length: \(body.utf8.count)\r\nConnection: \(connection)\r\n\r\n\(body)"
  }

  private static func serve(
    _ listener: Int32, _ received: Received, _ answer: @escaping @Sendable (String) -> String?
  ) {
    while true {
      let one = accept(listener, nil, nil)
      guard one >= 0 else { break }
      received.connections.withLock { $0 += 1 }
      startThread {
        converse(one, received, answer)
        close(one)
      }
    }
    close(listener)
  }

  private static func converse(_ one: Int32, _ received: Received, _ answer: (String) -> String?) {
    while true {
      let request = read(one)
      guard !request.isEmpty else { return }
      received.requests.withLock { $0.append(request) }
      guard let text = answer(request) else {
        var byte: UInt8 = 0
        while Glibc.read(one, &byte, 1) > 0 {}
        return
      }
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes {
          send(one, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
      if !text.contains("keep-alive") { return }
    }
  }

  /// A request with as much of a body as its head says.
  private static func read(_ one: Int32) -> String {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = Glibc.read(one, &block, block.count)
      guard count > 0 else { break }
      bytes += block[..<count]
      let text = String(decoding: bytes, as: UTF8.self)
      guard let end = text.firstRange(of: "\r\n\r\n") else { continue }
      let length = text.lowercased().firstRange(of: "content-length:").flatMap { found in
        Int(
          text.lowercased()[found.upperBound...].prefix { $0 != "\r\n" }.filter(\.isNumber))
      }
      if text[end.upperBound...].utf8.count >= length ?? 0 { break }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
