import Glibc
import TestSupport
import Testing

@testable import Transport

/// Files and texts of certificates and keys: what is read, and how each mistake is named.
@Suite(.serialized, .enabled(if: Authority.isAvailable, "needs the openssl tool"))
struct TLSSetupTests {
  private struct Outcome: Equatable {
    var error = ""
    var warnings: [String] = []
  }

  /// The error of a context, or "" if it can be made; and its warnings.
  @Net private static func outcome(_ change: (inout TLSConfiguration) -> Void) -> Outcome {
    var configuration = TLSConfiguration()
    change(&configuration)
    var warnings: [String] = []
    do throws(TLSError) {
      _ = try TLSContext(configuration) { warnings.append($0) }
      return Outcome(warnings: warnings)
    } catch {
      #expect(error.cause == .setup)
      return Outcome(error: error.description, warnings: warnings)
    }
  }

  private static func path(_ path: String, _ name: String = "x") -> TLSConfiguration.Material {
    .init(name, .path(path))
  }

  @Net @Test func `S33: a key is a regular file of at most 1 MiB that nobody else can read`()
    async throws
  {
    let authority = try await Authority()
    try await authority.sign("client", san: "DNS:client")
    func key(_ path: String) -> Outcome {
      Self.outcome {
        $0.certificate = Self.path(authority.path("client.pem"))
        $0.key = Self.path(path, "ssl.key.location")
      }
    }
    let path = authority.path("client.key")
    chmod(path, 0o600)
    #expect(key(path) == Outcome())
    symlink(path, authority.path("link.key"))
    #expect(key(authority.path("link.key")) == Outcome())
    chmod(path, 0o644)
    let open = key(path)
    #expect(open.error == "")
    #expect(
      open.warnings
        == ["ssl.key.location: others can read \(path) (mode 644); chmod 600 \(path)"])
    mkfifo(authority.path("pipe"), 0o600)
    #expect(key(authority.path("pipe")).error.hasSuffix("pipe: it is not a regular file"))
    #expect(key(authority.folder).error.hasSuffix("it is not a regular file"))
    #expect(
      key("/no/such.key").error == "ssl.key.location: /no/such.key: No such file or directory")
    // Of 10 GB not one byte is read.
    authority.write("huge.key", "")
    truncate(authority.path("huge.key"), 10_000_000_000)
    #expect(
      key(authority.path("huge.key")).error.hasSuffix(
        "huge.key: it has 10000000000 bytes; at most 1048576 are read"))
    authority.write("empty.key", "")
    #expect(key(authority.path("empty.key")).error.hasSuffix("empty.key: no private key in it"))
  }

  @Net @Test func `S33: a wrong password is called so, and never shown`() async throws {
    let authority = try await Authority()
    try await authority.sign("client", san: "DNS:client")
    try await authority.openssl(
      "pkcs8", "-topk8", "-in", "client.key", "-out", "pkcs8.key", "-passout", "pass:right")
    try await authority.openssl(
      "ec", "-in", "client.key", "-aes256", "-out", "old.key", "-passout", "pass:right")
    try await authority.openssl(
      "pkcs12", "-export", "-in", "client.pem", "-inkey", "client.key", "-certfile", "ca.pem",
      "-out", "client.p12", "-passout", "pass:right")
    for name in ["pkcs8.key", "old.key", "client.p12"] {
      func with(_ password: String?) -> String {
        Self.outcome {
          if name.hasSuffix("p12") {
            $0.keystore = Self.path(authority.path(name), "ssl.keystore.location")
            $0.keystorePassword = password
          } else {
            $0.certificate = Self.path(authority.path("client.pem"))
            $0.key = Self.path(authority.path(name), "ssl.key.location")
            $0.keyPassword = password
          }
        }.error
      }
      #expect(with("right") == "")
      #expect(with("hunter2").hasSuffix("is wrong"), "\(with("hunter2"))")
      #expect(!with("hunter2").contains("hunter2"))
      #expect(with(nil).hasSuffix("is missing"), "\(with(nil))")
      #expect(with("hunter2").contains(name))
    }
  }

  @Net @Test func `S33: a key of another certificate, and files without what they should have`()
    async throws
  {
    let authority = try await Authority()
    try await authority.sign("client", san: "DNS:client")
    try await authority.sign("other", san: "DNS:other")
    func error(_ certificate: String, _ key: String?) -> String {
      Self.outcome {
        $0.certificate = Self.path(authority.path(certificate), "ssl.certificate.location")
        $0.key = key.map { Self.path(authority.path($0), "ssl.key.location") }
      }.error
    }
    #expect(error("client.pem", "other.key").contains("the key is not that of the certificate"))
    #expect(error("client.key", "client.key").hasSuffix("client.key: no certificate in it"))
    #expect(error("client.pem", nil).hasSuffix("client.pem: no private key in it"))
    let both = authority.text("client.pem") + authority.text("client.key")
    authority.write("both.pem", both)
    #expect(error("both.pem", nil) == "")
    authority.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    #expect(error("broken.pem", "client.key").contains("broken.pem: error:"))
    authority.write("broken.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    #expect(error("client.pem", "broken.key").contains("broken.key: error:"))
    let lonely = Self.outcome {
      $0.key = Self.path(authority.path("client.key"), "ssl.key.location")
    }
    #expect(lonely.error == "ssl.key.location: a key without its certificate")
    authority.write("store.jks", "")
    let descriptor = open(authority.path("store.jks"), O_WRONLY)
    let magic: [UInt8] = [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]
    #expect(write(descriptor, magic, magic.count) == magic.count)
    close(descriptor)
    let jks = Self.outcome { $0.keystore = Self.path(authority.path("store.jks")) }
    #expect(jks.error.contains("JKS") && jks.error.contains("PKCS12"))
    authority.write("junk.p12", "junk")
    #expect(
      Self.outcome { $0.keystore = Self.path(authority.path("junk.p12")) }.error.contains(
        "junk.p12"))
  }

  @Net @Test func `authorities are a file, a folder of hashes, or a text`() async throws {
    let authority = try await Authority()
    func error(_ material: TLSConfiguration.Material) -> String {
      Self.outcome { $0.authorities = material }.error
    }
    #expect(error(Self.path(authority.path("ca.pem"))) == "")
    #expect(error(.init("ssl.ca.pem", .text(authority.text("ca.pem")))) == "")
    #expect(error(.init("ssl.ca.pem", .text("nothing"))).hasPrefix("ssl.ca.pem: no certificate"))
    #expect(error(Self.path(authority.path("ca.key"))).contains("no certificate in PEM"))
    #expect(error(Self.path(authority.folder)).contains("openssl rehash \(authority.folder)"))
    try await authority.openssl("rehash", ".")
    #expect(error(Self.path(authority.folder)) == "")
    #expect(error(Self.path("/no/such/ca.pem")).hasSuffix("No such file or directory"))
    let lists = Self.outcome {
      $0.revocationLists = Self.path(authority.path("ca.pem"), "ssl.crl.location")
    }
    #expect(lists.error.contains("no revocation list"))
  }

  @Net @Test func `a folder's authority is trusted, and a keystore's certificate shown`()
    async throws
  {
    let authority = try await Authority()
    try await authority.sign("broker", san: "DNS:localhost")
    try await authority.openssl("rehash", ".")
    try await authority.openssl(
      "pkcs12", "-export", "-in", "broker.pem", "-inkey", "broker.key", "-out", "broker.p12",
      "-passout", "pass:right")
    var server = TLSConfiguration()
    server.keystore = Self.path(authority.path("broker.p12"))
    server.keystorePassword = "right"
    server.authorities = Self.path(authority.path("ca.pem"))
    var client = server
    client.authorities = Self.path(authority.folder)
    let pair = try EnginePair(
      try TLSContext(client), try TLSContext(server, isServer: true))
    #expect(try pair.shakeHands())
    #expect(pair.server.peer.certificate?.subject == "CN=broker")
  }
}
