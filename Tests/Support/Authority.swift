import Glibc

/// A certificate authority in a temporary folder, made and used by the openssl tool.
public final class Authority: Sendable {
  /// The folder: `ca.pem`, and `NAME.pem` and `NAME.key` of each certificate.
  public let folder: String

  /// True where the openssl tool is there.
  public static var isAvailable: Bool { Places.has("openssl") }

  /// Makes an authority of that name.
  public init(_ name: String = "Test Authority") async throws {
    folder = Places.temporaryFolder()
    write("index.txt", "")
    write("serial", "1000\n")
    write("crlnumber", "1000\n")
    write(
      "ca.cnf",
      """
      [ca]
      default_ca=d
      [d]
      database=index.txt
      serial=serial
      crlnumber=crlnumber
      new_certs_dir=.
      default_md=sha256
      default_crl_days=30
      policy=p
      unique_subject=no
      [p]
      commonName=supplied

      """)
    try await openssl(
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-days", "3650", "-subj", "/CN=\(name)", "-keyout", "ca.key", "-out", "ca.pem", "-addext",
      "basicConstraints=critical,CA:true")
  }

  /// A file of the folder.
  public func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// A file's text.
  public func text(_ name: String) -> String {
    String(decoding: Places.contents(path(name)) ?? [], as: UTF8.self)
  }

  /// Signs a certificate for `name`; `san` as openssl's `subjectAltName` has it, empty for none.
  ///
  /// `from` and `to` are moments such as `20200101000000Z`.
  public func sign(
    _ name: String, san: String, from: String = "20200101000000Z", to: String = "20990101000000Z"
  ) async throws {
    try await openssl(
      "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
      "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).csr")
    write("\(name).ext", san.isEmpty ? "basicConstraints=CA:false\n" : "subjectAltName=\(san)\n")
    try await openssl(
      "ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in",
      "\(name).csr", "-out", "\(name).pem", "-notext", "-startdate", from, "-enddate", to,
      "-extfile", "\(name).ext")
  }

  /// Revokes a certificate and writes `crl.pem`.
  public func revoke(_ name: String) async throws {
    let ca = ["ca", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"]
    try await openssl(ca + ["-revoke", "\(name).pem"])
    try await openssl(ca + ["-gencrl", "-out", "crl.pem"])
  }

  /// Runs the openssl tool in the folder.
  public func openssl(_ arguments: String...) async throws { try await openssl(arguments) }

  private func openssl(_ arguments: [String]) async throws {
    // The tool has no option for a folder, and Child none either.
    let result = try await run(
      ["sh", "-c", "cd \"$0\" && exec openssl \"$@\"", folder] + arguments, within: 30)
    if result.status != 0 {
      throw Failure(description: "openssl \(arguments.joined(separator: " ")): \(result.stderr)")
    }
  }

  /// Writes a file into the folder.
  public func write(_ name: String, _ text: String) {
    let descriptor = open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    defer { close(descriptor) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count <= 0 { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// The tool said no.
  public struct Failure: Error, CustomStringConvertible {
    /// A sentence for people.
    public let description: String
  }
}
