internal import CTLS
import Glibc

/// Puts a configuration into a context of the C side, file by file.
struct TLSSetup {
  let raw: OpaquePointer
  let configuration: TLSConfiguration
  /// What works but should not be.
  private(set) var warnings: [String] = []

  /// The most bytes of a key, a certificate or a keystore (S33).
  static let keyBytesMax = 1 << 20
  /// The most bytes of authorities or revocation lists.
  static let authorityBytesMax = 64 << 20

  init(raw: OpaquePointer, configuration: TLSConfiguration) {
    self.raw = raw
    self.configuration = configuration
  }

  mutating func apply(isServer: Bool) throws(TLSError) {
    if isServer {
      ctls_context_verify(raw, configuration.authorities != nil)
    } else if !configuration.verifiesPeer {
      ctls_context_verify(raw, false)
    }
    if let authorities = configuration.authorities {
      try trust(authorities)
    } else if !isServer, configuration.verifiesPeer, ctls_context_trust_system(raw) != 0 {
      throw TLSError(.setup, "the system's certificates: \(Crypto.errors())")
    }
    if let lists = configuration.revocationLists { try revoke(lists) }
    try identify()
    try choose()
  }

  // MARK: Whom to trust

  private mutating func trust(_ material: TLSConfiguration.Material) throws(TLSError) {
    if case .path(let path) = material.place, TLSFile.isFolder(path) {
      guard TLSFile.hasHashedNames(path) else {
        throw TLSError(
          .setup,
          "\(material.name): no file in \(path) is named by its hash; run: openssl rehash \(path)")
      }
      guard ctls_context_trust_folder(raw, path) == 0 else { throw failed(material) }
      return
    }
    let pem = try bytes(of: material, max: Self.authorityBytesMax)
    try check(ctls_context_trust_pem(raw, pem, pem.count), "certificate", material)
  }

  private mutating func revoke(_ material: TLSConfiguration.Material) throws(TLSError) {
    let pem = try bytes(of: material, max: Self.authorityBytesMax)
    try check(ctls_context_revoke_pem(raw, pem, pem.count), "revocation list", material)
  }

  private func check(_ count: Int32, _ what: String, _ material: TLSConfiguration.Material)
    throws(TLSError)
  {
    if count < 0 { throw failed(material) }
    if count == 0 { throw TLSError(.setup, "\(shown(material)): no \(what) in PEM in it") }
  }

  // MARK: Who we are

  private mutating func identify() throws(TLSError) {
    if let keystore = configuration.keystore {
      let der = try bytes(of: keystore, max: Self.keyBytesMax, isKey: true)
      guard !der.starts(with: [0xfe, 0xed, 0xfe, 0xed]) else {
        throw TLSError(
          .setup,
          "\(shown(keystore)): a JKS keystore; convert it: keytool -importkeystore "
            + "-deststoretype PKCS12")
      }
      let result = withPassword(configuration.keystorePassword) {
        ctls_context_use_pkcs12(raw, der, der.count, $0)
      }
      try check(result, keystore, keystore, passwordName: "password of the keystore")
    }
    guard let certificate = configuration.certificate else {
      guard let key = configuration.key else { return }
      throw TLSError(.setup, "\(key.name): a key without its certificate")
    }
    let key = configuration.key ?? certificate
    let chain = try bytes(
      of: certificate, max: Self.keyBytesMax, isKey: configuration.key == nil)
    let pem =
      try configuration.key.map { key throws(TLSError) in
        try bytes(of: key, max: Self.keyBytesMax, isKey: true)
      } ?? chain
    let result = withPassword(configuration.keyPassword) {
      ctls_context_use_pem(raw, chain, chain.count, pem, pem.count, $0)
    }
    try check(result, certificate, key, passwordName: "password of the key")
  }

  private func withPassword<R>(_ password: String?, _ body: (UnsafePointer<CChar>?) -> R) -> R {
    guard let password else { return body(nil) }
    return password.withCString { body($0) }
  }

  private func check(
    _ result: ctls_identity, _ certificate: TLSConfiguration.Material,
    _ key: TLSConfiguration.Material, passwordName: String
  ) throws(TLSError) {
    let sentence: String
    switch result {
    case CTLS_IDENTITY_OK: return
    case CTLS_IDENTITY_NO_CERTIFICATE: sentence = "\(shown(certificate)): no certificate in it"
    case CTLS_IDENTITY_NO_KEY: sentence = "\(shown(key)): no private key in it"
    case CTLS_IDENTITY_PASSWORD_MISSING:
      sentence = "\(shown(key)): it is encrypted, and the \(passwordName) is missing"
    case CTLS_IDENTITY_PASSWORD_WRONG:
      sentence = "\(shown(key)): the \(passwordName) is wrong"
    case CTLS_IDENTITY_MISMATCH:
      sentence = "\(shown(key)): the key is not that of the certificate in \(shown(certificate))"
    case CTLS_IDENTITY_KEY_UNREADABLE: throw failed(key)
    default: throw failed(certificate)
    }
    _ = Crypto.errors()  // said better
    throw TLSError(.setup, sentence)
  }

  // MARK: What to speak

  private func choose() throws(TLSError) {
    if let list = configuration.cipherSuites {
      let names = list.split { $0 == ":" || $0 == "," }
      // These are TLS 1.3's own, which OpenSSL keeps in a list of their own.
      let isNew = { (name: Substring) in
        name.hasPrefix("TLS_AES_") || name.hasPrefix("TLS_CHACHA20_")
      }
      let new = names.filter(isNew).joined(separator: ":")
      let old = names.filter { !isNew($0) }.joined(separator: ":")
      if !new.isEmpty { try check(ctls_context_suites(raw, new), "cipher suites", new) }
      if !old.isEmpty {
        try check(ctls_context_ciphers(raw, old), "cipher suites", old)
      } else {
        ctls_context_only_13(raw)
      }
    }
    if let list = configuration.curves {
      try check(ctls_context_curves(raw, list), "curves", list)
    }
    if let list = configuration.signatureAlgorithms {
      try check(ctls_context_signatures(raw, list), "signature algorithms", list)
    }
  }

  private func check(_ status: Int32, _ what: String, _ list: String) throws(TLSError) {
    guard status != 0 else { return }
    _ = Crypto.errors()
    throw TLSError(.setup, "OpenSSL takes none of these \(what), or not all: \"\(list)\"")
  }

  // MARK: Reading

  private mutating func bytes(
    of material: TLSConfiguration.Material, max: Int, isKey: Bool = false
  ) throws(TLSError) -> [UInt8] {
    switch material.place {
    case .text(let text): return Array(text.utf8)
    case .path(let path):
      let file = try TLSFile.read(path, max: max, name: material.name)
      if isKey, file.mode & 0o077 != 0 {
        warnings.append(
          "\(material.name): others can read \(path) (mode \(String(file.mode, radix: 8))); "
            + "chmod 600 \(path)")
      }
      return file.bytes
    }
  }

  private func shown(_ material: TLSConfiguration.Material) -> String {
    switch material.place {
    case .text: material.name
    case .path(let path): "\(material.name): \(path)"
    }
  }

  private func failed(_ material: TLSConfiguration.Material) -> TLSError {
    let reason = Crypto.errors()
    return TLSError(
      .setup, "\(shown(material)): \(reason.isEmpty ? "it cannot be read" : reason)")
  }
}
