/// What is found wrong while a configuration is read.
struct ConfigIssues {
  /// How many issues are kept; the rest is counted only.
  static let countMax = 100

  private var kept: [ConfigIssue] = []
  private var hiddenCount = 0

  /// All issues in the order of reading.
  var all: [ConfigIssue] {
    hiddenCount == 0
      ? kept : kept + [ConfigIssue(nil, "\(hiddenCount) further errors and warnings")]
  }

  /// How many there are, so that what follows from an error is not said as well.
  var count: Int { kept.count + hiddenCount }

  mutating func add(_ issue: ConfigIssue) {
    guard kept.count < Self.countMax else {
      hiddenCount += 1
      return
    }
    kept.append(issue)
  }

  mutating func error(_ place: ConfigPlace, _ message: String) {
    add(ConfigIssue(place, message))
  }

  mutating func warning(_ place: ConfigPlace, _ message: String) {
    add(ConfigIssue(isWarning: true, place, message))
  }

  mutating func unknownKey(_ name: String, _ what: String, at place: ConfigPlace, known: [String]) {
    error(
      place,
      "\(what): unknown key \(shown(name, limit: 80))" + Self.suggestion(name, among: known))
  }

  /// `; did you mean "topic"?`, or nothing.
  static func suggestion(_ name: String, among known: [String]) -> String {
    guard let nearest = NearestName.of(name, among: known) else { return "" }
    return "; did you mean \(shown(nearest, limit: 80))?"
  }

  /// The text of a node that must be one; a secret's value is not shown.
  mutating func string(_ node: ConfigNode, _ what: String, isSecret: Bool = false) -> ConfigText? {
    switch node.content {
    case .string(let text): return ConfigText(value: text, place: node.place)
    case .number, .bool:
      let kind = isSecret ? "a number or a boolean" : node.kind
      error(node.place, "\(what) must be a text, not \(kind); put it in quotes")
    case .mapping, .sequence, .null: error(node.place, "\(what) must be a text, not \(node.kind)")
    }
    return nil
  }

  /// A secret, unless Healthbot has obscured it.
  mutating func secret(_ text: ConfigText, _ what: String) -> ConfigSecret? {
    guard !text.value.hasPrefix("$9$") else {
      error(
        text.place,
        "\(what) begins with $9$: Healthbot has obscured it in its export; write the secret itself "
          + "here, or in a further --config file that names the same thing")
      return nil
    }
    return ConfigSecret(text.value)
  }

  /// A warning where a name breaks Healthbot's own rule; hbcat takes it all the same.
  mutating func check(_ text: ConfigText, _ what: String, _ rule: NameRule) {
    if let broken = rule.broken(by: text.value) {
      warning(text.place, "\(what) \(shown(text.value, limit: 80)): \(broken)")
    }
  }
}
