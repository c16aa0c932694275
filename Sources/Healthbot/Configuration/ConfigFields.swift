/// The members of a map whose names are known, and the issues found on the way.
struct ConfigFields {
  /// What the map is, for error texts: `notification "egest": slack`.
  let what: String
  /// Where it stands.
  let place: ConfigPlace
  private let nodes: [String: ConfigNode]

  /// Checks that a node is a map and that its keys are known.
  ///
  /// `skipped` are keys that Healthbot knows and hbcat has no use for. Nil where the node is no map.
  init?(
    _ node: ConfigNode, _ what: String, known: [String], skipped: [String] = [],
    _ issues: inout ConfigIssues
  ) {
    guard case .mapping(let entries) = node.content else {
      issues.error(node.place, "\(what) must be a map, not \(node.kind)")
      return nil
    }
    self.what = what
    place = node.place
    var nodes: [String: ConfigNode] = [:]
    for entry in entries {
      if known.contains(entry.name) {
        nodes[entry.name] = entry.value
      } else if !skipped.contains(entry.name) {
        issues.unknownKey(entry.name, what, at: entry.place, known: known + skipped)
      }
    }
    self.nodes = nodes
  }

  /// A member; nil where it is not there.
  subscript(_ name: String) -> ConfigNode? { nodes[name] }

  /// A member's text; nil where it is not there or no text.
  func string(_ name: String, _ issues: inout ConfigIssues) -> ConfigText? {
    guard let node = nodes[name] else { return nil }
    return issues.string(node, "\(what): \(name)")
  }

  /// A member's text, which must be there and not empty.
  func requiredString(_ name: String, _ issues: inout ConfigIssues) -> ConfigText? {
    guard nodes[name] != nil else {
      issues.error(place, "\(what): \(name) is missing")
      return nil
    }
    guard let text = string(name, &issues) else { return nil }
    guard !text.value.isEmpty else {
      issues.error(text.place, "\(what): \(name) is empty")
      return nil
    }
    return text
  }

  /// A secret that is readable: neither missing nor obscured by Healthbot.
  func secret(_ name: String, _ issues: inout ConfigIssues) -> ConfigSecret? {
    guard let node = nodes[name],
      let text = issues.string(node, "\(what): \(name)", isSecret: true)
    else { return nil }
    return issues.secret(text, "\(what): \(name)")
  }

  /// A member's list of texts; empty where it is not there.
  func strings(_ name: String, _ issues: inout ConfigIssues) -> [ConfigText] {
    guard let node = nodes[name] else { return [] }
    guard case .sequence(let items) = node.content else {
      issues.error(node.place, "\(what): \(name) must be a list of texts, not \(node.kind)")
      return []
    }
    return items.compactMap { issues.string($0, "\(what): an item of \(name)") }
  }

  /// A member that is true or false; false where it is not there.
  func bool(_ name: String, _ issues: inout ConfigIssues) -> Bool {
    guard let node = nodes[name] else { return false }
    guard case .bool(let value) = node.content else {
      issues.error(node.place, "\(what): \(name) must be true or false, not \(node.kind)")
      return false
    }
    return value
  }

  /// A member that is a whole number of a range; nil where it is not there or another thing.
  func integer(_ name: String, in range: ClosedRange<Int>, _ issues: inout ConfigIssues) -> Int? {
    guard let node = nodes[name] else { return nil }
    guard case .number(let text) = node.content, let value = Int(text), range.contains(value)
    else {
      issues.error(
        node.place,
        "\(what): \(name) must be a number from \(range.lowerBound) to \(range.upperBound), "
          + "not \(node.kind)")
      return nil
    }
    return value
  }
}

/// A text and its place.
struct ConfigText {
  let value: String
  let place: ConfigPlace
}
