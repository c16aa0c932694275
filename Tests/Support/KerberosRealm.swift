import Glibc

/// A Kerberos realm `HBCAT.TEST` of this test's own, on loopback: MIT's KDC with two principals.
///
/// `alice` is a user, `kafka/127.0.0.1` the brokers' service; each has a keytab.
public final class KerberosRealm: Sendable {
  /// What it is that tests with a realm need; the reason of a skip.
  public static let need = "needs krb5-kdc and krb5-admin-server"

  /// True where a realm can be started.
  public static var isAvailable: Bool {
    ["krb5kdc", "kdb5_util", "kadmin.local"].allSatisfy { Places.exists("/usr/sbin/\($0)") }
  }

  /// The realm's name.
  public static let name = "HBCAT.TEST"

  private let folder: String
  private let kdc: Child

  /// The realm could not be set up.
  public struct StartError: Error, CustomStringConvertible {
    /// A sentence for people.
    public let description: String
  }

  /// What processes need in their environment to be in the realm; without tickets.
  public var environment: [String: String] {
    ["KRB5_CONFIG": "\(folder)/krb5.conf", "KRB5CCNAME": "\(folder)/none.cache"]
  }

  /// What a JVM needs in its environment.
  public var javaEnvironment: [String: String] {
    ["JAVA_TOOL_OPTIONS": "-Djava.security.krb5.conf=\(folder)/krb5.conf"]
  }

  /// The keytab of `alice` or `kafka`.
  public func keytab(_ user: String) -> String { "\(folder)/\(user).keytab" }

  /// Starts a realm.
  public static func start() async throws -> KerberosRealm {
    let folder = Places.temporaryFolder()
    let port = try freePort()
    try write(
      """
      [libdefaults]
        default_realm = \(name)
        dns_lookup_kdc = false
        dns_canonicalize_hostname = false
        rdns = false
        udp_preference_limit = 1
      [realms]
        \(name) = {
          kdc = 127.0.0.1:\(port)
        }
      """, "\(folder)/krb5.conf")
    try write(
      """
      [kdcdefaults]
        kdc_listen = ""
        kdc_tcp_listen = 127.0.0.1:\(port)
      [realms]
        \(name) = {
          database_name = \(folder)/principal
          key_stash_file = \(folder)/stash
          acl_file = \(folder)/acl
        }
      """, "\(folder)/kdc.conf")
    let environment = [
      "KRB5_CONFIG": "\(folder)/krb5.conf", "KRB5_KDC_PROFILE": "\(folder)/kdc.conf",
    ]
    func tool(_ arguments: String...) async throws {
      let result = try await run(
        ["/usr/sbin/\(arguments[0])"] + arguments.dropFirst(), environment: environment,
        within: 30)
      guard result.status == 0 else { throw StartError(description: result.stderr) }
    }
    try await tool("kdb5_util", "create", "-s", "-r", name, "-P", "master")
    for (user, principal) in [("alice", "alice"), ("kafka", "kafka/127.0.0.1")] {
      try await tool("kadmin.local", "-r", name, "addprinc", "-randkey", principal)
      try await tool(
        "kadmin.local", "-r", name, "ktadd", "-k", "\(folder)/\(user).keytab", principal)
    }
    let kdc = try Child(
      ["/usr/sbin/krb5kdc", "-n", "-r", name, "-P", "\(folder)/kdc.pid"], environment: environment)
    let isListening = await eventually(within: 20) { canConnect(port) || kdc.status != nil }
    guard isListening, kdc.status == nil else {
      kdc.signal(SIGKILL)
      throw StartError(description: "krb5kdc: \(kdc.stderr)")
    }
    return KerberosRealm(folder, kdc)
  }

  private init(_ folder: String, _ kdc: Child) {
    self.folder = folder
    self.kdc = kdc
  }

  /// Ends the KDC.
  public func stop() async {
    kdc.signal(SIGTERM)
    _ = await kdc.end(within: 20)
  }

  private static func write(_ text: String, _ path: String) throws {
    guard let file = fopen(path, "w") else { throw StartError(description: "no \(path)") }
    fputs(text + "\n", file)
    fclose(file)
  }

  /// A port of loopback that was free just now: the KDC cannot choose one itself.
  private static func freePort() throws -> UInt16 {
    let (fd, address) = try socket(port: 0) { bind($0, $1, $2) }
    close(fd)
    return address
  }

  private static func canConnect(_ port: UInt16) -> Bool {
    guard let (fd, _) = try? socket(port: port, { connect($0, $1, $2) }) else { return false }
    close(fd)
    return true
  }

  private static func socket(
    port: UInt16, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws -> (fd: Int32, port: UInt16) {
    let fd = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        use(fd, $0, size) == 0 && getsockname(fd, $0, &size) == 0
      }
    }
    guard status else {
      close(fd)
      throw StartError(description: "port \(port): \(String(cString: strerror(errno)))")
    }
    return (fd, UInt16(bigEndian: address.sin_port))
  }
}
