import Glibc

/// The messages of one of Kafka's releases, by name.
struct DefinitionSet {
  var release: String
  var messages: [String: Definition]

  /// `kafka-messages` in a folder `shared` beside or above the package; nil where there is none.
  ///
  /// `HBCAT_SHARED` names the folder `shared` instead.
  static let folder: String? = {
    var candidates: [String] = []
    if let named = getenv("HBCAT_SHARED") {
      candidates.append(String(cString: named))
    } else {
      var path = Substring(#filePath)
      while let slash = path.lastIndex(of: "/") {
        path = path[..<slash]
        candidates.append("\(path)/shared")
      }
    }
    return candidates.map { "\($0)/kafka-messages" }.first { access($0, R_OK) == 0 }
  }()

  static var isThere: Bool { folder != nil }

  /// Both releases: the older knows the oldest versions, the newer the newest.
  static func all() throws -> [DefinitionSet] {
    guard let folder else { return [] }
    return try ["3.9.1", "4.3.1"].map { (release) in
      var messages: [String: Definition] = [:]
      for name in try names(in: "\(folder)/\(release)") where name.hasSuffix(".json") {
        let bytes = try contents(of: "\(folder)/\(release)/\(name)")
        let message = try Definition(DefinitionJSON(parsing: bytes))
        messages[message.name] = message
      }
      return DefinitionSet(release: release, messages: messages)
    }
  }

  private static func names(in folder: String) throws -> [String] {
    guard let directory = opendir(folder) else { throw Definition.Malformed(what: folder) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafeBytes(of: entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return names.sorted()
  }

  private static func contents(of path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw Definition.Malformed(what: path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
  }
}
