import CUV
import Glibc

/// What went wrong with a socket, a name or a descriptor.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried, such as `connect to`, `listen on`, `read from`, `resolve`.
  public var operation: String
  /// The address or name, such as `127.0.0.1:9092`; empty where there is none.
  public var address: String
  /// libuv's error code: the negative errno, or one of libuv's own below −3000.
  public var code: Int32
  /// What was wrong with TLS; nil where it was the connection itself.
  public var tls: TLSError?

  /// Makes an error of its parts.
  public init(operation: String, address: String, code: Int32, tls: TLSError? = nil) {
    self.operation = operation
    self.address = address
    self.code = code
    self.tls = tls
  }

  /// The cause alone, such as `Connection refused`.
  public var reason: String { tls?.description ?? Self.reason(code) }

  /// All of it, such as `connect to 127.0.0.1:1: Connection refused`.
  public var description: String {
    address.isEmpty ? "\(operation): \(reason)" : "\(operation) \(address): \(reason)"
  }

  /// The C library's words for a code of libuv, which scripts know from kcat.
  static func reason(_ code: Int32) -> String {
    if let lookup = lookupCodes.first(where: { $0.uv.rawValue == code }) {
      return String(cString: gai_strerror(lookup.eai))
    }
    // libuv's own codes lie far below all of errno's.
    if code < 0 && code > -1000 { return String(cString: strerror(-code)) }
    // Not uv_strerror: it leaks the text of a code that it does not know.
    var text = [CChar](repeating: 0, count: 64)
    uv_strerror_r(code, &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static let lookupCodes: [(uv: uv_errno_t, eai: Int32)] = [
    (UV_EAI_AGAIN, EAI_AGAIN),
    (UV_EAI_BADFLAGS, EAI_BADFLAGS),
    (UV_EAI_FAIL, EAI_FAIL),
    (UV_EAI_FAMILY, EAI_FAMILY),
    (UV_EAI_MEMORY, EAI_MEMORY),
    (UV_EAI_NONAME, EAI_NONAME),
    (UV_EAI_SERVICE, EAI_SERVICE),
    (UV_EAI_SOCKTYPE, EAI_SOCKTYPE),
  ]
}
