import JSON
import KafkaClient
import Transport

/// The lines of `hbcat ping`: one for each step.
struct PingView: Sendable {
  /// The width of the servers' names; it grows with the names that are found.
  private(set) var nameWidth = 0

  /// Makes room for the names of these servers.
  mutating func widen(for targets: [ProbeTarget]) {
    nameWidth = targets.map { $0.name.count }.reduce(nameWidth, max)
  }

  // MARK: Text

  /// Such as `h:9092/1  connect  0.2 ms  127.0.0.1:5000 -> 127.0.0.1:9092`, in columns.
  func text(_ target: ProbeTarget, _ step: ProbeStep) -> String {
    var columns = [
      Self.padded(target.name, nameWidth), Self.padded(step.kind.rawValue, 11),
      Self.padded(Self.milliseconds(step.microseconds), -7) + " ms",
    ]
    if let remote = step.remote {
      columns.append(step.local.map { "\($0) -> \(remote)" } ?? "-> \(remote)")
    }
    switch step.result {
    case .success(let finding): columns.append(Self.text(finding))
    case .failure(let failure): columns.append("FAILED: \(failure.reason)")
    }
    return Messages.visible(columns.filter { !$0.isEmpty }.joined(separator: "  "))
  }

  private static func text(_ finding: ProbeStep.Finding) -> String {
    switch finding {
    case .addresses(let addresses): addresses.map(\.host).joined(separator: ", ")
    case .connected: ""
    case .secured(let peer): "\(peer)"
    case .versions(let count, let release):
      "\(count) APIs" + (release.map { ", like Kafka \($0)" } ?? "")
    case .assumed(let release):
      "no answer; going on as with Kafka \(release) (broker.version.fallback)"
    case .authenticated(let mechanism): mechanism.rawValue
    case .cluster(let metadata): text(metadata)
    }
  }

  private static func text(_ metadata: ClusterMetadata) -> String {
    var parts = [counted(metadata.brokers.count, "broker")]
    if let id = metadata.clusterId { parts.insert("cluster \(id)", at: 0) }
    if metadata.controllerId >= 0 { parts.append("controller \(metadata.controllerId)") }
    return parts.joined(separator: ", ")
  }

  /// Why a server cannot be used, for a person; above all where its address is the fault.
  static func text(_ target: ProbeTarget, _ failure: ProbeFailure) -> String {
    let isUnreachable = failure.kind == .resolve || failure.kind == .connect
    guard let id = target.brokerId else {
      return isUnreachable
        ? "bootstrap server \(target.address) cannot be reached from here: \(failure.reason)"
        : "bootstrap server \(target.address): \(failure.kind.rawValue): \(failure.reason)"
    }
    return isUnreachable
      ? "broker \(id) advertises \(target.address), which cannot be reached from here: "
        + "\(failure.reason); see advertised.listeners"
      : "broker \(id) at \(target.address): \(failure.kind.rawValue): \(failure.reason)"
  }

  /// `1 broker`, `2 brokers`.
  static func counted(_ count: Int, _ what: String) -> String {
    "\(count) \(what)\(count == 1 ? "" : "s")"
  }

  /// Microseconds as milliseconds with one digit behind the point.
  static func milliseconds(_ microseconds: Int64) -> String {
    let tenths = (max(0, microseconds) + 50) / 100
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// Spaces up to `width` behind a text, or in front of it where that is negative.
  private static func padded(_ text: String, _ width: Int) -> String {
    let spaces = String(repeating: " ", count: max(0, abs(width) - text.count))
    return width < 0 ? spaces + text : text + spaces
  }

  // MARK: JSON

  /// The same as one JSON object, and a newline.
  func json(_ target: ProbeTarget, _ step: ProbeStep, forTerminal: Bool = false) -> [UInt8] {
    var object = Object(forTerminal: forTerminal)
    object.put("server", target.address)
    object.put("broker", target.brokerId)
    object.put("step", step.kind.rawValue)
    if case .success = step.result { object.put("ok", true) } else { object.put("ok", false) }
    object.put("ms", raw: Self.milliseconds(step.microseconds))
    object.put("local", step.local.map { "\($0)" })
    object.put("remote", step.remote.map { "\($0)" })
    switch step.result {
    case .success(let finding): object.put(finding)
    case .failure(let failure): object.put("error", failure.reason)
    }
    object.writer.endObject()
    return object.writer.bytes + [UInt8(ascii: "\n")]
  }

  /// An object whose end is still to come.
  private struct Object {
    let forTerminal: Bool
    var writer = JSONWriter(.kcat)

    init(forTerminal: Bool) {
      self.forTerminal = forTerminal
      writer.beginObject()
    }

    mutating func put(_ name: String, raw value: String) {
      writer.name(name)
      writer.raw(value.utf8)
    }

    mutating func put(_ name: String, _ value: Bool) { put(name, raw: "\(value)") }

    mutating func put(_ name: String, _ value: Int32?) {
      put(name, raw: value.map { "\($0)" } ?? "null")
    }

    mutating func put(_ name: String, _ value: String?) {
      writer.name(name)
      put(value)
    }

    private mutating func put(_ value: String?) {
      guard let value else { return writer.null() }
      var text: [UInt8] = []
      JSONText.append(value, forTerminal: forTerminal, to: &text)
      writer.raw(text)
    }

    mutating func put(_ finding: ProbeStep.Finding) {
      switch finding {
      case .addresses(let addresses):
        writer.name("addresses")
        writer.beginArray()
        for address in addresses { put(address.host) }
        writer.endArray()
      case .connected: break
      case .secured(let peer):
        put("version", peer.version)
        put("cipher", peer.cipher)
        put("resumed", peer.isResumed)
        let certificate = peer.certificate
        put("subject", certificate?.subject)
        put("issuer", certificate?.issuer)
        put("names", certificate?.names)
        put("not_before", certificate.map { WallClock.date($0.notBefore) })
        put("not_after", certificate.map { WallClock.date($0.notAfter) })
      case .versions(let count, let release):
        put("apis", raw: "\(count)")
        put("release", release)
      case .assumed(let release): put("assumed", release)
      case .authenticated(let mechanism): put("mechanism", mechanism.rawValue)
      case .cluster(let metadata):
        put("cluster", metadata.clusterId)
        put("controller", metadata.controllerId)
        writer.name("brokers")
        writer.beginArray()
        for broker in metadata.brokers {
          writer.beginObject()
          put("id", broker.nodeId)
          put("name", broker.address)
          writer.endObject()
        }
        writer.endArray()
      }
    }
  }
}
