/// All properties that hbcat knows, librdkafka 2.15's and some of the Java client's.
///
/// Built at first use; a client whose properties all have their defaults does not use it.
public enum PropertyTable {
  /// Every property once, in librdkafka's order: connection, security, consumer, producer, topic, and
  /// those that no list shows.
  public static let rows: [Property] = listed + unlisted

  /// What `-X list` shows.
  static let listed = connection + diagnostics + security + consumer + producer + topic

  /// The property of that name or alias, as kcat looks it up: a topic's before the client's.
  ///
  /// nil where there is none. With the prefix `topic.` only a topic's properties are found.
  public static func find(_ name: String) -> Property? {
    let prefix = "topic."
    if name.hasPrefix(prefix), name.utf8.count > prefix.utf8.count, exact(name) == nil {
      let property = exact(String(name.dropFirst(prefix.count)))
      switch property?.scope {
      case .topic, .both: return property
      case .global, nil: return nil
      }
    }
    return exact(name)
  }

  /// The name that is written most like `name`; nil where none is near.
  public static func nearest(to name: String) -> String? {
    let wanted = Array(name.lowercased().utf8)
    guard wanted.count <= 100 else { return nil }
    // A name may have a typing error for every four characters, and at least two.
    var best: (name: String, distance: Int)?
    for candidate in rows.flatMap({ [$0.name] + $0.aliases }) {
      let distance = distance(wanted, Array(candidate.utf8))
      if distance <= max(2, wanted.count / 4), distance < best?.distance ?? .max {
        best = (candidate, distance)
      }
    }
    return best?.name
  }

  private static func exact(_ name: String) -> Property? {
    rows.first { $0.name == name || $0.aliases.contains(name) }
  }

  /// Levenshtein's distance.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
        diagonal = above
      }
    }
    return row[b.count]
  }
}
