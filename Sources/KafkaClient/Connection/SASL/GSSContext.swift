internal import CGSS

/// A security context of the system's GSSAPI library, for one connection.
///
/// All of it blocks: the library may ask a Kerberos server. One thread at a time uses it.
final class GSSContext: Sendable {
  /// The context's address; it is the library's affair what is there.
  private let address: UInt

  private var raw: OpaquePointer? { OpaquePointer(bitPattern: address) }

  /// Begins a context with `service`, `name@host`.
  ///
  /// - Throws: `SASLError` where the library is absent or the principal has no key.
  init(service: String, principal: String?, keytab: String?) throws(SASLError) {
    var made: OpaquePointer?
    try Self.check { cgss_new(service, principal, keytab, &made, $0, $1) }
    address = UInt(bitPattern: made)
  }

  deinit { cgss_free(raw) }

  /// Takes the server's token, empty at first; gives the client's next, and whether the context stands.
  func step(_ token: [UInt8]) throws(SASLError) -> (token: [UInt8], isComplete: Bool) {
    var isComplete = false
    let next = try output { out, error, size in
      token.withUnsafeBytes {
        cgss_step(raw, $0.baseAddress, $0.count, &isComplete, out, error, size)
      }
    }
    return (next, isComplete)
  }

  /// The message in what the server wrapped.
  func unwrap(_ message: [UInt8]) throws(SASLError) -> [UInt8] {
    try output { out, error, size in
      message.withUnsafeBytes { cgss_unwrap(raw, $0.baseAddress, $0.count, out, error, size) }
    }
  }

  /// The message wrapped for the server, signed but not encrypted.
  func wrap(_ message: [UInt8]) throws(SASLError) -> [UInt8] {
    try output { out, error, size in
      message.withUnsafeBytes { cgss_wrap(raw, $0.baseAddress, $0.count, out, error, size) }
    }
  }

  private typealias Out = UnsafeMutablePointer<cgss_bytes>
  private typealias Text = UnsafeMutablePointer<CChar>

  private func output(_ body: (Out, Text?, Int) -> Int32) throws(SASLError) -> [UInt8] {
    var out = cgss_bytes()
    defer { cgss_release(&out) }
    try Self.check { error, size in body(&out, error, size) }
    return Array(UnsafeRawBufferPointer(start: out.data, count: out.count))
  }

  private static func check(_ body: (Text?, Int) -> Int32) throws(SASLError) {
    var error = [CChar](repeating: 0, count: 512)
    let status = error.withUnsafeMutableBufferPointer { body($0.baseAddress, $0.count) }
    guard status == 0 else {
      let bytes = error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw SASLError(String(decoding: bytes, as: UTF8.self))
    }
  }
}
