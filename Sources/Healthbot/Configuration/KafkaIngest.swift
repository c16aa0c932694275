/// Healthbot's ingest of telemetry from Kafka, `tlive-kafka-oc`: whom to read and how.
public struct KafkaIngest: Sendable {
  /// `security: tls`.
  public struct TLS: Sendable {
    /// The file of the authorities that vouch for the brokers, of the `ca-profile`; nil for the system's.
    public internal(set) var authorities: String?
    /// The file of the client's certificate, of the `local-certificate-profile`.
    public internal(set) var certificate: String?
    /// The file of its key.
    public internal(set) var key: String?
    /// `insecure-skip-verify`: the brokers' certificates are not checked.
    public internal(set) var skipsVerification = false
  }

  /// `name`.
  public let name: String
  /// `brokers`, each `host` or `host:port`; an item's comma list is taken apart.
  public internal(set) var brokers: [String] = []
  /// `topics`.
  public internal(set) var topics: [String] = []
  /// `security: sasl`: user and password.
  public internal(set) var sasl: Credentials?
  /// `security: tls`; nil where the connection is plain.
  public internal(set) var tls: TLS?

  init(name: String) { self.name = name }
}

/// Reads `tlive-kafka-oc` out of Healthbot's exported configuration, with the certificates that it names.
///
/// It stands in `ingest` (or `ingest-settings`), `byoi`, `default-plugin`, or alone, as a list or as a bare
/// object. Profiles, `ca-profile` and `local-certificate`, stand in `profile`, `security`, or alone. Their
/// files are looked for in the folder of the configuration that names them. What else there is in a
/// configuration is passed over. A later file adds to an ingest or a profile of the same name, so that a
/// secret that Healthbot's export obscures can stand in a file of its own.
public struct KafkaIngestReader {
  private enum Kind: String, CaseIterable {
    case ingest = "tlive-kafka-oc"
    case authority = "ca-profile"
    case certificate = "local-certificate"
  }

  /// The maps that lead to one of the kinds.
  private static let ways: Set<String> = [
    "ingest", "ingest-settings", "byoi", "default-plugin", "profile", "security",
  ]

  private var items: [Kind: [(name: String, node: ConfigNode)]] = [:]
  private var issues = ConfigIssues()

  /// Makes a reader that has seen no file.
  public init() {}

  /// Takes a file's bytes; `file` is its name, for errors and for the folder of certificates.
  public mutating func read(_ bytes: UnsafeRawBufferPointer, file: String) {
    do throws(ConfigIssue) {
      for node in try ConfigDocument.nodes(in: bytes, file: file) { read(node) }
    } catch {
      issues.add(error)
    }
  }

  /// The ingests, and all errors and warnings; with an error among them they are not to be used.
  public consuming func finish() -> ([KafkaIngest], [ConfigIssue]) {
    var ingests: [KafkaIngest] = []
    for item in items[.ingest] ?? [] {
      if let ingest = ingest(item.name, item.node) { ingests.append(ingest) }
    }
    return (ingests, issues.all)
  }

  private mutating func read(_ node: ConfigNode) {
    guard case .mapping(let entries) = node.content else {
      if case .null = node.content { return }
      issues.error(node.place, "a configuration must be a map, not \(node.kind)")
      return
    }
    let names = Set(entries.map(\.name))
    if names.contains("name"), names.contains("brokers") {
      add(node, .ingest)
      return
    }
    for entry in entries {
      if let kind = Kind(rawValue: entry.name) {
        guard case .sequence(let nodes) = entry.value.content else {
          add(entry.value, kind)
          continue
        }
        for node in nodes { add(node, kind) }
      } else if Self.ways.contains(entry.name), case .mapping = entry.value.content {
        read(entry.value)
      }
    }
  }

  private mutating func add(_ node: ConfigNode, _ kind: Kind) {
    guard case .mapping(let entries) = node.content else {
      issues.error(node.place, "an item of \(kind.rawValue) must be a map, not \(node.kind)")
      return
    }
    guard let named = entries.first(where: { $0.name == "name" })?.value else {
      issues.error(node.place, "an item of \(kind.rawValue) has no name")
      return
    }
    guard let name = issues.string(named, "\(kind.rawValue): name")?.value else { return }
    var known = items[kind] ?? []
    if let at = known.firstIndex(where: { $0.name == name }) {
      known[at].node = known[at].node.merged(with: node)
    } else {
      known.append((name, node))
    }
    items[kind] = known
  }

  private mutating func ingest(_ name: String, _ node: ConfigNode) -> KafkaIngest? {
    let what = "\(Kind.ingest.rawValue) \(shown(name, limit: 80))"
    guard
      let fields = ConfigFields(
        node, what, known: ["name", "brokers", "topics", "security"],
        skipped: ["collector-settings"], &issues)
    else { return nil }
    var ingest = KafkaIngest(name: name)
    let countBefore = issues.count
    for item in fields.strings("brokers", &issues) {
      ingest.brokers += item.value.split(separator: ",").map { String($0.trimmingSpaces) }
        .filter { !$0.isEmpty }
    }
    if ingest.brokers.isEmpty, issues.count == countBefore {
      issues.error(
        fields["brokers"]?.place ?? fields.place,
        "\(what): brokers names no broker; give it a list of host:port")
    }
    ingest.topics = fields.strings("topics", &issues).map(\.value)
    guard let security = fields["security"],
      let inner = ConfigFields(security, "\(what): security", known: ["sasl", "tls"], &issues)
    else { return ingest }
    if let sasl = inner["sasl"],
      let parts = ConfigFields(
        sasl, "\(what): sasl", known: ["username", "password"], &issues)
    {
      ingest.sasl = Credentials(parts, isRequired: true, &issues)
    }
    ingest.tls = inner["tls"].flatMap { tls($0, "\(what): tls") }
    return ingest
  }

  private mutating func tls(_ node: ConfigNode, _ what: String) -> KafkaIngest.TLS? {
    guard
      let fields = ConfigFields(
        node, what, known: ["ca-profile", "local-certificate-profile", "insecure-skip-verify"],
        &issues)
    else { return nil }
    var tls = KafkaIngest.TLS()
    tls.skipsVerification = fields.bool("insecure-skip-verify", &issues)
    if let name = fields.string("ca-profile", &issues),
      let profile = profile(name, .authority, ["certificate-authority-crt"], what)
    {
      tls.authorities = path("certificate-authority-crt", profile)
    }
    if let name = fields.string("local-certificate-profile", &issues),
      let profile = profile(name, .certificate, ["client-crt", "client-key"], what)
    {
      tls.certificate = path("client-crt", profile)
      tls.key = path("client-key", profile)
    }
    return tls
  }

  private mutating func profile(
    _ name: ConfigText, _ kind: Kind, _ members: [String], _ what: String
  ) -> ConfigFields? {
    guard let node = items[kind]?.first(where: { $0.name == name.value })?.node else {
      let names = items[kind]?.map(\.name) ?? []
      issues.error(
        name.place,
        "\(what): there is no \(kind.rawValue) \(shown(name.value, limit: 80)) in the files"
          + ConfigIssues.suggestion(name.value, among: names))
      return nil
    }
    return ConfigFields(
      node, "\(kind.rawValue) \(shown(name.value, limit: 80))", known: ["name"] + members, &issues)
  }

  /// A file that a profile names, below the folder of the configuration.
  private mutating func path(_ member: String, _ profile: ConfigFields) -> String? {
    guard let text = profile.requiredString(member, &issues) else { return nil }
    guard !text.value.hasPrefix("/"), let slash = text.place.file.lastIndex(of: "/") else {
      return text.value
    }
    return text.place.file[...slash] + text.value
  }
}
