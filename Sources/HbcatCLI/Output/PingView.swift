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
    var json = JSONWriter(.kcat)
    json.object { json in
      json.member("server", target.address)
      json.member("broker", target.brokerId)
      json.member("step", step.kind.rawValue)
      json.name("ok")
      if case .success = step.result { json.bool(true) } else { json.bool(false) }
      json.name("ms")
      json.raw(Self.milliseconds(step.microseconds).utf8)
      json.member("local", step.local.map { "\($0)" })
      json.member("remote", step.remote.map { "\($0)" })
      switch step.result {
      case .success(let finding): Self.write(finding, to: &json)
      case .failure(let failure): json.member("error", failure.reason)
      }
    }
    return json.line(forTerminal: forTerminal)
  }

  /// Writes what a step found, as members of its object.
  private static func write(_ finding: ProbeStep.Finding, to json: inout JSONWriter) {
    switch finding {
    case .addresses(let addresses):
      json.member("addresses", of: addresses) { $0.string($1.host) }
    case .connected: break
    case .secured(let peer):
      json.member("version", peer.version)
      json.member("cipher", peer.cipher)
      json.name("resumed")
      json.bool(peer.isResumed)
      let certificate = peer.certificate
      json.member("subject", certificate?.subject)
      json.member("issuer", certificate?.issuer)
      json.member("names", certificate?.names)
      json.member("not_before", certificate.map { WallClock.date($0.notBefore) })
      json.member("not_after", certificate.map { WallClock.date($0.notAfter) })
    case .versions(let count, let release):
      json.member("apis", count)
      json.member("release", release)
    case .assumed(let release): json.member("assumed", release)
    case .authenticated(let mechanism): json.member("mechanism", mechanism.rawValue)
    case .cluster(let metadata):
      json.member("cluster", metadata.clusterId)
      json.member("controller", metadata.controllerId)
      json.member("brokers", of: metadata.brokers) { json, broker in
        json.object { json in
          json.member("id", broker.nodeId)
          json.member("name", broker.address)
        }
      }
    }
  }
}
