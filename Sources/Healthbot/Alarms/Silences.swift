/// The silences that a compacted topic holds: the last record of an id counts, null takes it away.
///
/// A value without Kafka and without a clock.
public struct Silences: Sendable {
  /// How many silences are remembered unless told otherwise.
  public static let countMaxDefault = 10_000
  /// How long a silence that is over stays in its topic, in milliseconds: five days, as in Alertmanager.
  public static let retentionMs: Int64 = 432_000_000

  private let countMax: Int
  private var silences: [String: Silence] = [:]

  /// Knows no silences yet.
  ///
  /// Beyond `countMax` the one that ends first is forgotten: what it kept quiet is heard.
  public init(countMax: Int = countMaxDefault) { self.countMax = max(1, countMax) }

  /// Whether there are none, not even such as are over.
  public var isEmpty: Bool { silences.isEmpty }

  /// The silence of that id.
  public subscript(id: String) -> Silence? { silences[id] }

  /// All, also those that are over, by their ends and ids.
  public var all: [Silence] {
    silences.values.sorted { ($0.endsMs, $0.id) < ($1.endsMs, $1.id) }
  }

  /// Takes a record; a null value takes the silence of its key away.
  ///
  /// - Throws: `SilenceError` where it is none; then the one that was known of its key no longer holds.
  public mutating func apply(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer?)
    throws(SilenceError)
  {
    let id = String(decoding: key, as: UTF8.self)
    silences[id] = nil
    guard let value else { return }
    let silence = try Silence(parsing: value)
    guard silence.id == id else {
      throw SilenceError(reason: "its id \(shown(silence.id, limit: 40)) is not the record's key")
    }
    if silences.count >= countMax, let first = all.first { silences[first.id] = nil }
    silences[id] = silence
  }

  /// The silence that keeps an alarm quiet at a time (milliseconds since 1970); nil where none does.
  ///
  /// Of several it is the one with the first id. An expression that takes too many steps keeps nothing
  /// quiet.
  public func silence(of alarm: Alarm, nowMs: Int64, search: RulePatternSearch) -> Silence? {
    silences.values.filter { silence in
      silence.isActive(atMs: nowMs)
        && (try? silence.matchers.match(alarm, search: search)) == true
    }.min { $0.id < $1.id }
  }

  /// Whether an alarm is kept quiet at a time, in milliseconds since 1970.
  public func isSilenced(_ alarm: Alarm, nowMs: Int64, search: RulePatternSearch) -> Bool {
    silence(of: alarm, nowMs: nowMs, search: search) != nil
  }

  /// The ids of those that have been over for so long that their topic need not keep them.
  public func outdated(atMs nowMs: Int64) -> [String] {
    silences.values.filter { $0.endsMs + Self.retentionMs < nowMs }.map(\.id).sorted()
  }
}
