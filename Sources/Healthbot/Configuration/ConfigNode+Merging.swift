extension ConfigNode {
  /// This node with what a later file says of the same thing.
  ///
  /// Maps are merged member by member; of anything else the later one holds.
  func merged(with later: ConfigNode) -> ConfigNode {
    guard case .mapping(var entries) = content, case .mapping(let additions) = later.content
    else { return later }
    var indexes: [String: Int] = [:]
    for (i, entry) in entries.enumerated() { indexes[entry.name] = i }
    for addition in additions {
      if let at = indexes[addition.name], entries.indices.contains(at) {
        entries[at].value = entries[at].value.merged(with: addition.value)
      } else {
        entries.append(addition)
      }
    }
    return ConfigNode(content: .mapping(entries), place: place)
  }
}
