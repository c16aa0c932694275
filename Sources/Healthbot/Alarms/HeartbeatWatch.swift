/// Which sources have fallen silent: each is heard now and again, or an alarm is due.
///
/// A value without a clock; times are milliseconds since 1970.
public struct HeartbeatWatch: Sendable {
  private struct Source {
    var heardMs: Int64
    /// Whether the alarm is raised.
    var isRaised: Bool
  }

  /// A source has fallen silent, or is heard again.
  public struct Change: Hashable, Sendable {
    /// The source's name.
    public var source: String
    /// Whether it is silent.
    public var isSilent: Bool
    /// When it was heard last.
    public var heardMs: Int64
  }

  /// The most sources that are watched; more are not taken.
  public static let sourcesMax = 10_000

  private let withinMs: Int64
  private var sources: [String: Source] = [:]

  /// Watches no source yet; each is to be heard every `withinMs` milliseconds.
  public init(withinMs: Int64) { self.withinMs = withinMs }

  /// How many sources are watched.
  public var count: Int { sources.count }

  /// Watches a source that was last heard then, and whose alarm may be raised already; a known one stays.
  public mutating func add(_ source: String, heardMs: Int64, isRaised: Bool = false) {
    guard sources[source] == nil, sources.count < Self.sourcesMax else { return }
    sources[source] = Source(heardMs: heardMs, isRaised: isRaised)
  }

  /// A source was heard; one that is not watched is watched from now on.
  public mutating func hear(_ source: String, atMs: Int64) {
    add(source, heardMs: atMs)
    if let known = sources[source], known.heardMs < atMs { sources[source]?.heardMs = atMs }
  }

  /// Notes that a source's alarm is raised, or is not.
  public mutating func note(_ source: String, isRaised: Bool) {
    sources[source]?.isRaised = isRaised
  }

  /// Nobody could listen until now: what is not silent yet gets its time once more.
  public mutating func excuse(atMs nowMs: Int64) {
    for (name, source) in sources where !source.isRaised {
      sources[name]?.heardMs = max(source.heardMs, nowMs)
    }
  }

  /// What is to be published now, by name; it comes again until it is noted.
  public func due(atMs nowMs: Int64) -> [Change] {
    sources.compactMap { name, source -> Change? in
      let isSilent = nowMs - source.heardMs > withinMs
      guard isSilent != source.isRaised else { return nil }
      return Change(source: name, isSilent: isSilent, heardMs: source.heardMs)
    }.sorted { $0.source < $1.source }
  }

  /// When next a source may fall silent; nil where none can.
  public var nextMs: Int64? {
    sources.values.filter { !$0.isRaised }.map { $0.heardMs + withinMs + 1 }.min()
  }
}
