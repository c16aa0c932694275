import CUV
import Glibc

/// Which addresses of a name may be used.
public enum AddressFamily: Sendable {
  /// All.
  case any
  /// IPv4 only.
  case v4
  /// IPv6 only.
  case v6
}

/// A numeric address with a port.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  /// The numeric host, such as `127.0.0.1`, `::1`, `fe80::1%eth0`.
  public let host: String
  /// The TCP port.
  public let port: UInt16

  /// Makes an address; nil if `host` is not numeric.
  public init?(host: String, port: UInt16) {
    var four = sockaddr_in()
    var six = sockaddr_in6()
    guard
      uv_ip4_addr(host, Int32(port), &four) == 0 || uv_ip6_addr(host, Int32(port), &six) == 0
    else { return nil }
    self.host = host
    self.port = port
  }

  /// Whether it is an IPv6 address.
  public var isV6: Bool { host.utf8.contains(UInt8(ascii: ":")) }

  /// Host and port, such as `127.0.0.1:9092` or `[::1]:9092`.
  public var description: String { isV6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// librdkafka's spelling, such as `ipv4#127.0.0.1:9092`.
  var kafkaDescription: String { (isV6 ? "ipv6#" : "ipv4#") + description }

  /// Reads what the system filled in; nil unless it is an IP address.
  init?(_ storage: UnsafePointer<sockaddr>) {
    let raw = UnsafeRawPointer(storage)
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    switch Int32(storage.pointee.sa_family) {
    case AF_INET:
      let four = raw.assumingMemoryBound(to: sockaddr_in.self)
      guard uv_ip4_name(four, &text, text.count) == 0 else { return nil }
      host = Self.string(text)
      port = UInt16(bigEndian: four.pointee.sin_port)
    case AF_INET6:
      let six = raw.assumingMemoryBound(to: sockaddr_in6.self)
      guard uv_ip6_name(six, &text, text.count) == 0 else { return nil }
      let scope = six.pointee.sin6_scope_id
      host = Self.string(text) + (scope == 0 ? "" : "%" + Self.interface(scope))
      port = UInt16(bigEndian: six.pointee.sin6_port)
    default:
      return nil
    }
  }

  /// Reads an address by a function such as getsockname; nil where that fails.
  init?(by get: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<Int32>) -> Int32) {
    var storage = sockaddr_storage()
    var length = Int32(MemoryLayout<sockaddr_storage>.size)
    let address = withUnsafeMutablePointer(to: &storage) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        get(generic, &length) == 0 ? SocketAddress(generic) : nil
      }
    }
    guard let address else { return nil }
    self = address
  }

  /// Calls `body` with the address as the system wants it.
  func withSockaddr<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
    if isV6 {
      var six = sockaddr_in6()
      uv_ip6_addr(host, Int32(port), &six)
      return Self.with(six, body)
    }
    var four = sockaddr_in()
    uv_ip4_addr(host, Int32(port), &four)
    return Self.with(four, body)
  }

  private static func with<A, T>(
    _ address: A, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T
  ) -> T {
    withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<A>.size))
      }
    }
  }

  private static func string(_ text: [CChar]) -> String {
    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func interface(_ scope: UInt32) -> String {
    var text = [CChar](repeating: 0, count: Int(IF_NAMESIZE) + 1)
    return if_indextoname(scope, &text) == nil ? "\(scope)" : string(text)
  }
}
