/// Healthbot's configuration, as far as it says where alarms go.
public struct HealthbotConfiguration: Sendable {
  /// The notifications, by name.
  public internal(set) var notifications: [String: NotificationConfiguration] = [:]
  /// The device groups, by name.
  public internal(set) var deviceGroups: [String: AlarmGroup] = [:]
  /// The network groups, by name.
  public internal(set) var networkGroups: [String: AlarmGroup] = [:]

  /// An empty configuration.
  public init() {}

  /// The groups of a kind.
  public func groups(_ kind: AlarmGroup.Kind) -> [String: AlarmGroup] {
    switch kind {
    case .device: deviceGroups
    case .network: networkGroups
    }
  }
}

/// Takes configuration files one after the other and makes one configuration of them.
///
/// What two files say of the same notification or group is merged, the later file holds: so a secret
/// that Healthbot's export obscures can stand in a file of its own.
public struct ConfigurationReader {
  /// A kind of document and the key that names its items.
  private enum Kind: String, CaseIterable {
    case notification
    case deviceGroup = "device-group"
    case networkGroup = "network-group"

    var nameKey: String { "\(rawValue)-name" }
  }

  private struct Item {
    var name: ConfigText
    var node: ConfigNode
    /// The number of the file that named it last.
    var file: Int
  }

  private var items: [Kind: [Item]] = [:]
  private var indexes: [Kind: [String: Int]] = [:]
  private var issues = ConfigIssues()
  private var fileCount = 0

  /// What else Healthbot keeps beside the three kinds.
  private static let skippedKeys = [
    "custom-plugin", "data-store", "deployment", "destination", "device", "frequency-profile",
    "ingest", "ingest-mapping", "ingest-settings", "organization", "playbook", "profile", "report",
    "retention-policies", "retention-policy", "scheduler", "system", "system-settings",
    "tagging-profile", "tlive-kafka-oc", "topic", "workflow",
  ]

  /// Makes a reader that has seen no file.
  public init() {}

  /// Takes a file's bytes; `file` is its name for error texts.
  public mutating func read(_ bytes: UnsafeRawBufferPointer, file: String) {
    fileCount += 1
    do throws(ConfigIssue) {
      for node in try ConfigDocument.nodes(in: bytes, file: file) { read(document: node) }
    } catch {
      issues.add(error)
    }
  }

  /// The configuration, and all errors and warnings; with an error among them it is not to be used.
  public consuming func finish() -> (HealthbotConfiguration, [ConfigIssue]) {
    var configuration = HealthbotConfiguration()
    for item in items[.notification] ?? [] {
      configuration.notifications[item.name.value] = NotificationConfiguration(
        item.node, name: item.name, &issues)
    }
    // A notification that has errors of its own is there all the same.
    let names = Set((items[.notification] ?? []).map(\.name.value))
    for item in items[.deviceGroup] ?? [] {
      configuration.deviceGroups[item.name.value] = AlarmGroup(
        item.node, kind: .device, name: item.name, notificationNames: names, &issues)
    }
    for item in items[.networkGroup] ?? [] {
      configuration.networkGroups[item.name.value] = AlarmGroup(
        item.node, kind: .network, name: item.name, notificationNames: names, &issues)
    }
    return (configuration, issues.all)
  }

  private mutating func read(document: ConfigNode) {
    guard case .mapping(let entries) = document.content else {
      if case .null = document.content { return }
      issues.error(document.place, "a configuration must be a map, not \(document.kind)")
      return
    }
    for kind in Kind.allCases where entries.contains(where: { $0.name == kind.nameKey }) {
      add(document, kind)
      return
    }
    for entry in entries {
      guard let kind = Kind(rawValue: entry.name) else {
        if !Self.skippedKeys.contains(entry.name) {
          issues.unknownKey(
            entry.name, "configuration", at: entry.place,
            known: Kind.allCases.flatMap { [$0.rawValue, $0.nameKey] } + Self.skippedKeys)
        }
        continue
      }
      guard case .sequence(let nodes) = entry.value.content else {
        issues.error(
          entry.value.place, "\(kind.rawValue) must be a list of maps, not \(entry.value.kind)")
        continue
      }
      for node in nodes { add(node, kind) }
    }
  }

  private mutating func add(_ node: ConfigNode, _ kind: Kind) {
    guard case .mapping(let entries) = node.content else {
      issues.error(node.place, "an item of \(kind.rawValue) must be a map, not \(node.kind)")
      return
    }
    guard let nameNode = entries.first(where: { $0.name == kind.nameKey })?.value else {
      var text = "an item of \(kind.rawValue) has no \(kind.nameKey)"
      for entry in entries where NearestName.of(entry.name, among: [kind.nameKey]) != nil {
        text += "; did you mean it by \(shown(entry.name, limit: 80))?"
      }
      issues.error(node.place, text)
      return
    }
    guard let name = issues.string(nameNode, kind.nameKey) else { return }
    guard let at = indexes[kind]?[name.value], var item = items[kind]?[at] else {
      indexes[kind, default: [:]][name.value] = items[kind]?.count ?? 0
      items[kind, default: []].append(Item(name: name, node: node, file: fileCount))
      return
    }
    guard item.file != fileCount else {
      issues.error(
        name.place,
        "\(kind.rawValue) \(shown(name.value, limit: 80)) is there twice, first at "
          + "\(item.name.place)")
      return
    }
    item.node = item.node.merged(with: node)
    item.file = fileCount
    items[kind]?[at] = item
  }
}
