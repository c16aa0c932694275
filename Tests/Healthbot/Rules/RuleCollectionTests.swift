import Glibc
import JSON
import TestSupport
import Testing

@testable import Healthbot

/// A collection of rules on this machine: a folder in which `.rule` files are found at any depth.
///
/// Juniper's public one is not part of this repository: HBCAT_HEALTHBOT_RULES=folder.
private let collection: String? = getenv("HBCAT_HEALTHBOT_RULES").map { String(cString: $0) }

private func files(below folder: String) -> [String] {
  guard let directory = opendir(folder) else { return [] }
  defer { closedir(directory) }
  var found: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name.hasPrefix(".") { continue }
    if entry.pointee.d_type == UInt8(DT_DIR) { found += files(below: "\(folder)/\(name)") }
    if name.hasSuffix(".rule") { found.append("\(folder)/\(name)") }
  }
  return found.sorted()
}

@Suite(.enabled(if: collection != nil, "HBCAT_HEALTHBOT_RULES names no folder of rules"))
struct RuleCollectionTests {
  @Test func `most rules of a collection load, and the others are refused by name`() throws {
    var loaded: [Rule] = []
    var refused: [RuleError] = []
    let paths = files(below: try #require(collection))
    for path in paths {
      var set = RuleSet()
      do {
        try (Places.contents(path) ?? []).withUnsafeBytes { try set.add($0, file: path) }
        loaded += set.rules
        refused += set.refused
      } catch let error as RuleError { refused.append(error) }
    }
    #expect(!paths.isEmpty)
    #expect(loaded.count > refused.count)
    var reasons: [String: Int] = [:]
    for error in refused { reasons[kind(error), default: 0] += 1 }
    print("\(paths.count) files, \(loaded.count) rules load, \(refused.count) do not")
    for (reason, count) in reasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      print("\(count)\t\(reason)")
    }
    for error in refused {
      if case .unsupported = error.reason { continue }
      print(error)
    }
    let engine = try? RuleEngine(loaded, group: "g", search: search)
    #expect(engine != nil, "a regular expression of a rule is none")
    let raising = try loaded.filter { try raises($0) }
    print("\(raising.count) of them raise an alarm from records that are made up")
    #expect(raising.count >= 10)
  }

  /// Whether a rule says major or minor about records with all its paths and growing values.
  private func raises(_ rule: Rule) throws -> Bool {
    var asked = try Asked([rule])
    var severities: Set<Alarm.Severity> = []
    for (step, word) in ["up", "down", "Established", "true", "Failed", "major", "1"].enumerated() {
      var writer = JSONWriter(.kcat)
      writer.beginObject()
      var names: Set<String> = []
      for (index, field) in rule.fields.enumerated() {
        guard case .sensor(let path) = field.source, names.insert(path.path).inserted else {
          continue
        }
        writer.name("/" + path.path)
        if rule.keyIndices.contains(index) || field.type == nil || field.type == .string {
          writer.string(rule.keyIndices.contains(index) ? "xe-0/0/0" : word)
        } else {
          writer.integer(Int64(step * step * 1000))
        }
      }
      writer.endObject()
      let json = String(decoding: writer.bytes, as: UTF8.self)
      severities.formUnion(
        try asked.alarms(json, at: Int64(step + 1) * 60_000).map(\.severity))
    }
    return !severities.subtracting([.normal]).isEmpty
  }

  /// The reason without what it names.
  private func kind(_ error: RuleError) -> String {
    switch error.reason {
    case .syntax: "no Junos configuration"
    case .tooLarge, .tooDeep: "too large"
    case .invalid: "invalid"
    case .unsupported(_, let thing):
      thing.hasPrefix("formula") ? thing : String(thing.prefix { $0 != " " })
    }
  }
}
