/// Reads a configuration file into nodes.
public enum ConfigDocument {
  /// The largest file, in bytes.
  public static let bytesMax = 1 << 20
  /// How many maps and lists may stand in one another.
  public static let depthMax = 64

  /// The documents of a file: one of JSON, or those that `---` separates in YAML.
  ///
  /// A text that begins with `{` or `[` is JSON, strictly. A byte order mark is skipped.
  /// - Throws: `ConfigIssue` where the text is neither, too large or too deep.
  public static func nodes(in bytes: UnsafeRawBufferPointer, file: String) throws(ConfigIssue)
    -> [ConfigNode]
  {
    guard bytes.count <= bytesMax else {
      throw ConfigIssue(
        ConfigPlace(file: file, line: 1),
        "\(bytes.count) bytes are too much for a configuration; hbcat reads \(bytesMax)")
    }
    let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    let text = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(hasMark ? 3 : 0))
    let first = text.first { !" \t\r\n".utf8.contains($0) }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      var reading = JSONConfigReading(text, file: file)
      return [try reading.document()]
    }
    var reading = try YAMLConfigReading(text, file: file)
    return try reading.documents()
  }
}

/// The members of a mapping as they are read: annotations are left out, and no name may be there twice.
struct ConfigMapping {
  private(set) var entries: [ConfigNode.Entry] = []
  /// The line of each name.
  private var lines: [String: Int] = [:]

  /// Adds a member.
  /// - Throws: `ConfigIssue` where its name was there before.
  mutating func add(_ entry: ConfigNode.Entry) throws(ConfigIssue) {
    if entry.name.hasPrefix("@") { return }
    if let first = lines.updateValue(entry.place.line, forKey: entry.name) {
      throw ConfigIssue(
        entry.place,
        "the key \(shown(entry.name, limit: 80)) is there twice, first in line \(first)")
    }
    entries.append(entry)
  }
}
