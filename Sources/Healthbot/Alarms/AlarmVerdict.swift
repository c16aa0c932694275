/// What a monitoring script is told of the active alarms: one line and an exit code, as Nagios takes them.
public struct AlarmVerdict: Equatable, Sendable {
  /// How bad it is; the raw value is the exit code.
  public enum State: Int32, Sendable {
    /// No alarm is active.
    case ok = 0
    /// Minor alarms are active, and none that is major.
    case minor = 1
    /// Major alarms are active.
    case major = 2
    /// It could not be found out.
    case unknown = 3

    /// The word that the line begins with.
    var word: String {
      switch self {
      case .ok: "OK"
      case .minor: "MINOR"
      case .major: "MAJOR"
      case .unknown: "UNKNOWN"
      }
    }
  }

  /// How bad it is.
  public let state: State
  /// The line, without a newline.
  public let line: String

  /// Judges alarms that are active and not silenced, the worst first, and how many are silenced.
  public init(_ active: [AlarmTable.Entry], silencedCount: Int) {
    let major = active.count { $0.alarm.severity == .major }
    let minor = active.count - major
    state = major > 0 ? .major : minor > 0 ? .minor : .ok
    var counts: [String] = []
    if major > 0 { counts.append("\(major) major") }
    if minor > 0 { counts.append("\(minor) minor") }
    if silencedCount > 0 { counts.append("\(silencedCount) silenced") }
    if active.isEmpty { counts.insert("no alarms", at: 0) }
    var text = counts.joined(separator: ", ")
    if let worst = active.first?.alarm {
      let device = worst.deviceID.map { "\($0) " } ?? ""
      text += "; \(device)\(worst.rule): \(worst.message)"
    }
    line =
      "\(state.word): \(Self.inOneLine(text)) | major=\(major) minor=\(minor) "
      + "silenced=\(silencedCount)"
  }

  /// The verdict where nothing could be found out, and why.
  public init(unknown reason: String) {
    state = .unknown
    line = "UNKNOWN: \(Self.inOneLine(reason))"
  }

  /// The most characters of what is told; Nagios takes some thousand bytes.
  private static let countMax = 500

  /// Without what Nagios takes for the beginning of its numbers or of a further line.
  private static func inOneLine(_ text: String) -> String {
    var line = ""
    for scalar in text.unicodeScalars.prefix(countMax) {
      line += scalar == "|" ? "/" : shown(scalar)
    }
    return text.unicodeScalars.count > countMax ? line + "…" : line
  }
}
