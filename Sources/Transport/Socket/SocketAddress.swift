internal import CUV
internal import Glibc

/// Which kinds of addresses to use of a name.
public enum AddressFamily: Hashable, Sendable {
  case any
  case v4
  case v6
}

/// A numeric address and a port.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  /// The address in numbers, without brackets.
  public let host: String
  /// 0 to 65535.
  public let port: UInt16

  /// Makes an address of its parts, which are not checked.
  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// True for IPv6.
  public var isV6: Bool { host.contains(":") }
  /// `127.0.0.1:9092` or `[::1]:9092`.
  public var description: String { isV6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

  init(_ storage: sockaddr_storage) {
    var storage = storage
    var text = [CChar](repeating: 0, count: 64)
    let family = Int32(storage.ss_family)
    let port = withUnsafePointer(to: &storage) { pointer -> UInt16 in
      if family == AF_INET6 {
        return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          uv_ip6_name($0, &text, text.count)
          return UInt16(bigEndian: $0.pointee.sin6_port)
        }
      }
      return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        uv_ip4_name($0, &text, text.count)
        return UInt16(bigEndian: $0.pointee.sin_port)
      }
    }
    let length = text.firstIndex(of: 0) ?? text.count
    let host = String(decoding: text[..<length].lazy.map(UInt8.init(bitPattern:)), as: UTF8.self)
    self.init(host: host, port: port)
  }

  /// Gives `body` the address in the system's form; nil where the host is not numeric.
  func withSystemAddress<T>(_ body: (UnsafePointer<sockaddr>) -> T) -> T? {
    var storage = sockaddr_storage()
    let status = withUnsafeMutablePointer(to: &storage) { pointer -> Int32 in
      if isV6 {
        return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          uv_ip6_addr(host, Int32(port), $0)
        }
      }
      return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        uv_ip4_addr(host, Int32(port), $0)
      }
    }
    guard status == 0 else { return nil }
    return withUnsafePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
    }
  }
}

/// What failed on a socket, and why.
public struct TransportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// `connect`, `listen`, `read`, `write`, `resolve`.
  public let operation: String
  /// The address or name.
  public let address: String
  /// libuv's error number, negative.
  public let code: Int32

  init(_ operation: String, _ address: String, _ code: Int32) {
    self.operation = operation
    self.address = address
    self.code = code
  }

  /// The system's word for the code, such as `Connection refused`.
  public var reason: String {
    // libuv's own words begin in lower case; libc's are those that people know.
    if code > -1000 { return String(cString: strerror(-code)) }
    return String(cString: uv_strerror(code))
  }
  /// `connect to 127.0.0.1:1: Connection refused`.
  public var description: String { "\(operation) \(address): \(reason)" }
}
