import Glibc

/// An IP address as it is written in a URL: 16 bytes, an IPv4 address in its mapped form.
struct IPAddress: Hashable {
  /// `::1`.
  static let loopback = IPAddress("::1")

  private let bytes: [UInt8]

  /// Reads `10.0.0.1`, four decimal numbers, or an IPv6 address; nil for anything else.
  init?(_ text: String) {
    var four = in_addr()
    var six = in6_addr()
    // inet_pton, unlike inet_aton and the resolver, knows neither octal nor shortened addresses.
    if inet_pton(AF_INET, text, &four) == 1 {
      bytes = Self.mappedPrefix + withUnsafeBytes(of: four) { Array($0) }
    } else if inet_pton(AF_INET6, text, &six) == 1 {
      bytes = withUnsafeBytes(of: six) { Array($0) }
    } else {
      return nil
    }
  }

  private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
  /// 64:ff9b::/96, by which IPv6 alone reaches IPv4 (RFC 6052).
  private static let translatedPrefix: [UInt8] =
    [0, 0x64, 0xFF, 0x9B] + Array(repeating: 0, count: 8)
  /// Amazon's metadata service by IPv6.
  private static let metadata = IPAddress("fd00:ec2::254")

  /// The IPv4 address that is reached; nil where it is none.
  var quad: [UInt8]? {
    let hasQuad = bytes.starts(with: Self.mappedPrefix) || bytes.starts(with: Self.translatedPrefix)
    return hasQuad ? Array(bytes.suffix(4)) : nil
  }

  /// Whether it is an address of the link, or of a cloud's metadata service.
  var isLinkLocal: Bool {
    if let quad { return quad.starts(with: [169, 254]) }
    let isLinkLocal = bytes.first == 0xFE && (bytes.dropFirst().first ?? 0) & 0xC0 == 0x80
    return isLinkLocal || self == Self.metadata
  }
}
