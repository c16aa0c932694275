import Healthbot

/// What the words behind `alarms` ask for.
enum AlarmsVerb: String {
  case show
  case addSilence = "silence add"
  case listSilences = "silence list"
  case expireSilences = "silence expire"
  case heartbeat

  /// Takes the words that name it; without any it is `show`.
  init(taking words: inout ArraySlice<Argument>) throws(UsageError) {
    switch words.first {
    case "heartbeat":
      words.removeFirst()
      self = .heartbeat
    case "silence":
      words.removeFirst()
      let word = words.popFirst()?.description ?? "nothing"
      guard let verb = AlarmsVerb(rawValue: "silence \(word)") else {
        let nearest = NearestName.of(word, among: ["add", "list", "expire"])
        throw .syntax(
          "silence: expected add, list or expire, not \"\(word)\""
            + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
      }
      self = verb
    default: self = .show
    }
  }
}

/// The options of `alarms`, as typed.
struct AlarmsOptions: Sendable {
  var topics: [String] = []
  var sinceMs: Int64?
  var all = false
  var showsSilenced = false
  var check = false
  var untilClear = false
  var timeoutMs: Int64?
  var forMs: Int64?
  var author: String?
  var comment: String?
  var silenceTopic: String?
  var withinMs: Int64?
  /// How each was spelled.
  private var typed: [OptionKey: String] = [:]

  mutating func apply(
    _ key: OptionKey, _ value: Argument, _ spelling: String
  ) throws(UsageError) {
    typed[key] = spelling
    let text = try OptionValue.text(value, spelling)
    switch key {
    case .alarmsTopic:
      let name = try OptionValue.topicName(text, spelling)
      if !topics.contains(name) { topics.append(name) }
    case .since: sinceMs = try Self.time(value, spelling)
    case .allAlarms: all = true
    case .silenced: showsSilenced = true
    case .check: check = true
    case .untilClear: untilClear = true
    case .waitTimeout: timeoutMs = try Self.time(value, spelling)
    case .silenceFor: forMs = try Self.time(value, spelling)
    case .silenceAuthor: author = text
    case .silenceComment: comment = text
    case .silenceTopic: silenceTopic = try OptionValue.topicName(text, spelling)
    default: withinMs = try Self.time(value, spelling)
    }
  }

  private static func time(_ value: Argument, _ spelling: String) throws(UsageError) -> Int64 {
    let ms = try OptionValue.duration(value, spelling)
    guard ms > 0 else { throw .value("\(spelling): expected a time of more than 0") }
    return ms
  }

  /// The options that belong to one thing alone.
  private static let owners: [OptionKey: Set<AlarmsVerb>] = [
    .alarmsTopic: [.show, .heartbeat], .since: [.show], .allAlarms: [.show, .listSilences],
    .silenced: [.show], .check: [.show], .untilClear: [.show], .waitTimeout: [.show, .heartbeat],
    .silenceFor: [.addSilence], .silenceAuthor: [.addSilence], .silenceComment: [.addSilence],
    .silenceTopic: [.show, .addSilence, .listSilences, .expireSilences], .within: [.heartbeat],
    .exitAtEnd: [.show, .heartbeat], .json: [.show, .addSilence, .listSilences],
  ]

  /// Refuses options that have no meaning here; `--once` and `--json` are parsed with those of `consume`.
  func check(_ verb: AlarmsVerb, once: Bool, json: Bool) throws(UsageError) {
    var typed = typed
    if once { typed[.exitAtEnd] = "--once" }
    if json { typed[.json] = "--json" }
    for key in OptionKey.allCases {
      guard let spelling = typed[key], let owners = Self.owners[key], !owners.contains(verb) else {
        continue
      }
      let names = owners.map { $0 == .show ? "alarms" : "alarms \($0.rawValue)" }.sorted()
      throw .syntax("\(spelling) belongs to \(names.joined(separator: ", "))")
    }
  }
}
