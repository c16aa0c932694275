internal import CTLS

/// Hashes, message authentication, key derivation and random numbers, by OpenSSL 3, opened at first use.
///
/// All of them may be called on any thread; `pbkdf2` takes long and does not belong on the loop.
public enum Crypto {
  /// A hash function.
  public enum Algorithm: Sendable {
    /// SHA-256.
    case sha256
    /// SHA-512.
    case sha512

    /// How many bytes a hash has: 32 or 64.
    public var byteCount: Int {
      switch self {
      case .sha256: 32
      case .sha512: 64
      }
    }

    fileprivate var digest: ctls_digest {
      switch self {
      case .sha256: CTLS_SHA256
      case .sha512: CTLS_SHA512
      }
    }
  }

  /// Opens OpenSSL unless it is open.
  ///
  /// - Throws: `CryptoError`, with the package to install, where that is not possible.
  public static func load() throws(CryptoError) {
    var isLoaded = false
    let reason = text(capacity: 256) {
      isLoaded = ctls_load($0, $1) == 0
      return nil
    }
    if !isLoaded { throw .noLibrary(reason) }
  }

  /// The hash of `bytes`.
  ///
  /// - Throws: `CryptoError` where OpenSSL cannot be opened or refuses.
  public static func hash(_ algorithm: Algorithm, _ bytes: [UInt8]) throws(CryptoError) -> [UInt8] {
    try filled(algorithm.byteCount) { out in
      bytes.withUnsafeBytes { ctls_hash(algorithm.digest, $0.baseAddress, $0.count, out) }
    }
  }

  /// The HMAC (RFC 2104) of `bytes` under `key`.
  ///
  /// - Throws: `CryptoError` where OpenSSL cannot be opened or refuses.
  public static func hmac(_ algorithm: Algorithm, key: [UInt8], _ bytes: [UInt8])
    throws(CryptoError) -> [UInt8]
  {
    try filled(algorithm.byteCount) { out in
      key.withUnsafeBytes { key in
        bytes.withUnsafeBytes {
          ctls_hmac(algorithm.digest, key.baseAddress, key.count, $0.baseAddress, $0.count, out)
        }
      }
    }
  }

  /// A key made from a password (RFC 8018, PBKDF2 with HMAC), of the hash's length.
  ///
  /// Takes about 0.3 µs an iteration: not for the loop.
  ///
  /// - Throws: `CryptoError` where OpenSSL cannot be opened or refuses, as it does below one iteration.
  public static func pbkdf2(
    _ algorithm: Algorithm, password: [UInt8], salt: [UInt8], iterations: Int32
  ) throws(CryptoError) -> [UInt8] {
    try filled(algorithm.byteCount) { out in
      password.withUnsafeBytes { password in
        salt.withUnsafeBytes {
          ctls_pbkdf2(
            algorithm.digest, password.baseAddress, password.count, $0.baseAddress, $0.count,
            iterations, out, algorithm.byteCount)
        }
      }
    }
  }

  /// `count` bytes that nobody can guess.
  ///
  /// - Throws: `CryptoError` where OpenSSL cannot be opened or has none.
  public static func randomBytes(_ count: Int) throws(CryptoError) -> [UInt8] {
    try filled(count) { ctls_random($0, count) }
  }

  /// Whether both are the same, in a time that depends on their lengths alone.
  ///
  /// - Throws: `CryptoError` where OpenSSL cannot be opened.
  public static func areEqual(_ a: [UInt8], _ b: [UInt8]) throws(CryptoError) -> Bool {
    try load()
    guard a.count == b.count else { return false }
    return a.withUnsafeBytes { a in
      b.withUnsafeBytes { ctls_equal(a.baseAddress, $0.baseAddress, a.count) }
    }
  }

  private static func filled(
    _ count: Int, _ body: (UnsafeMutablePointer<UInt8>?) -> Int32
  ) throws(CryptoError) -> [UInt8] {
    try load()
    var out = [UInt8](repeating: 0, count: count)
    let status = out.withUnsafeMutableBufferPointer { body($0.baseAddress) }
    guard status == 0 else { throw CryptoError("OpenSSL: \(errors())") }
    return out
  }

  /// What OpenSSL noted as wrong on this thread since the last time.
  static func errors() -> String { text(capacity: 1024) { ctls_errors($0, $1) } }

  /// A text that a function of CTLS writes: up to the length it returns, or up to its end where it returns nil.
  static func text(capacity: Int, _ body: (UnsafeMutablePointer<CChar>?, Int) -> Int?) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { space in
      space.initialize(repeating: 0)
      let length = body(space.baseAddress, space.count)
      let used = space.prefix(length ?? space.firstIndex(of: 0) ?? space.count)
      return String(decoding: used.lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}

/// Why OpenSSL does not do what was asked.
public struct CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A sentence for people, with the way out.
  public let description: String

  init(_ description: String) { self.description = description }

  static func noLibrary(_ reason: String) -> CryptoError {
    CryptoError(
      "OpenSSL 3 cannot be opened (\(reason)); install the package libssl3 "
        + "(Debian 13: libssl3t64)")
  }
}
