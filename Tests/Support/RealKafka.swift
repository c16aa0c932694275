import Glibc

/// A real Apache Kafka cluster, started for one suite and stopped at its end.
public final class RealKafka: Sendable {
  /// What it is that tests against real Kafka need; the reason of a skip.
  public static let need = "needs ../shared/kafka, java and python3"

  /// What tests with `secure` clusters need; the reason of a skip.
  public static let secureNeed = need + " and openssl"

  /// True where a cluster with TLS and SASL can be started.
  public static var isSecureAvailable: Bool { isAvailable && Places.has("openssl") }

  /// True where a cluster can be started.
  public static var isAvailable: Bool {
    guard let shared = Places.shared else { return false }
    return Places.exists(shared + "/kafka/cluster") && Places.has("java")
      && Places.has("python3")
  }

  /// Kafka's release.
  public let version: String
  /// The bootstrap servers, a comma-separated list.
  public let bootstrap: String
  private let folder: String
  private let listeners: [String: String]

  /// The bootstrap servers of a listener of a `secure` cluster: `TLS`, `MTLS`, `SASL`, `SASLTLS`, `EXPIRED` or
  /// `WRONGHOST`; empty where there is none of that name.
  public func listener(_ name: String) -> String { listeners[name] ?? "" }

  /// A file of a `secure` cluster's certificates and keys, such as `ca.pem` or `client.key`.
  public func tlsFile(_ name: String) -> String { "\(folder)/tls/\(name)" }

  /// The cluster did not start.
  public struct StartError: Error, CustomStringConvertible {
    /// A sentence for people.
    public let description: String
  }

  /// Starts brokers of that version; `topics` are `name:partitions[:replicas]`.
  ///
  /// With `secure` there are listeners with TLS and SASL as well; `environment` is added to the brokers'.
  public static func start(
    _ version: String, brokers: Int = 1, topics: [String] = [], settings: [String] = [],
    secure: Bool = false, environment: [String: String] = [:]
  ) async throws -> RealKafka {
    guard let shared = Places.shared else { throw StartError(description: need) }
    let folder = Places.temporaryFolder() + "/cluster"
    var command = [
      shared + "/kafka/cluster", "start", "--dir", folder, "--version", version, "--brokers",
      "\(brokers)",
    ]
    if secure { command.append("--secure") }
    for topic in topics { command += ["--topic", topic] }
    for setting in settings { command += ["--set", setting] }
    let result = try await run(command, environment: environment, within: 120)
    let bootstrap = result.stdout.split(separator: "\n").last.map(String.init) ?? ""
    guard result.status == 0, !bootstrap.isEmpty else {
      _ = try await run([shared + "/kafka/cluster", "stop", "--dir", folder], within: 60)
      throw StartError(description: "Kafka \(version) did not start: \(result.stderr)")
    }
    let info = secure ? try await run([command[0], "info", "--dir", folder], within: 60) : nil
    return RealKafka(
      version: version, bootstrap: bootstrap, folder: folder,
      listeners: listeners(in: info?.stdout ?? ""))
  }

  private init(
    version: String, bootstrap: String, folder: String, listeners: [String: String]
  ) {
    self.version = version
    self.bootstrap = bootstrap
    self.folder = folder
    self.listeners = listeners
  }

  /// The lines ` "NAME": "host:port,…"` of `cluster info`, which prints indented JSON.
  private static func listeners(in info: String) -> [String: String] {
    var found: [String: String] = [:]
    for line in info.split(separator: "\n") where line.hasPrefix(" \"") {
      let parts = line.split(separator: "\"")
      if parts.count >= 4, parts[2] == ": " { found[String(parts[1])] = String(parts[3]) }
    }
    return found
  }

  /// Starts a cluster, runs `body` with it and stops it whatever happens.
  public static func with<T: Sendable>(
    _ version: String, brokers: Int = 1, topics: [String] = [], settings: [String] = [],
    secure: Bool = false, environment: [String: String] = [:],
    _ body: (RealKafka) async throws -> T
  ) async throws -> T {
    let cluster = try await start(
      version, brokers: brokers, topics: topics, settings: settings, secure: secure,
      environment: environment)
    let result: Result<T, any Error>
    do { result = .success(try await body(cluster)) } catch { result = .failure(error) }
    try await cluster.stop()
    return try result.get()
  }

  /// Stops a broker, kills it, starts it again, pauses or resumes it.
  public func node(_ id: Int, _ action: String) async throws {
    _ = try await tool("node", "\(id)", action)
  }

  /// Adds a setting, as `broker.rack=a`, to one broker's properties; it holds from its next start.
  public func configure(_ id: Int, _ setting: String) throws {
    let path = "\(folder)/node-\(id).properties"
    guard let file = fopen(path, "a") else { throw StartError(description: "no \(path)") }
    fputs("\(setting)\n", file)
    fclose(file)
  }

  /// Runs a JVM tool of Kafka's against the cluster.
  public func kafkaTool(_ arguments: String...) async throws -> CommandResult {
    try await kafkaTool(arguments)
  }

  /// Runs a JVM tool of Kafka's against the cluster.
  public func kafkaTool(_ arguments: [String]) async throws -> CommandResult {
    try await run(
      [(Places.shared ?? "") + "/kafka/cluster", "tool", "--dir", folder] + arguments)
  }

  /// Starts a JVM tool of Kafka's that goes on until it is ended.
  public func startKafkaTool(_ arguments: String...) throws -> Child {
    try Child([(Places.shared ?? "") + "/kafka/cluster", "tool", "--dir", folder] + arguments)
  }

  private func tool(_ verb: String, _ arguments: String...) async throws -> CommandResult {
    try await run(
      [(Places.shared ?? "") + "/kafka/cluster", verb, "--dir", folder] + arguments)
  }

  /// Ends every process of the cluster.
  public func stop() async throws {
    _ = try await tool("stop")
  }
}
