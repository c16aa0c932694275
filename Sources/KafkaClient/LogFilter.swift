/// Which log lines somebody wants to see, by `debug` and `log_level`.
public struct LogFilter: Sendable {
  /// What `debug` asks to be told of.
  public var contexts: DebugContexts = []
  /// The least important level that is told; nil where the verbosity decides alone.
  public var levelMax: Int?

  /// Makes one that leaves it to the verbosity.
  public init() {}

  /// Whether a line is told at a verbosity: 0 quiet, 1 as usual, one more for each `-v`.
  ///
  /// With `debug` all lines are, however quiet it is, as kcat does it; a client makes debug lines only of
  /// what is asked for.
  public func shows(_ line: ClientLog, verbosity: Int) -> Bool {
    if !contexts.isEmpty { return true }
    if let levelMax, line.level.rawValue > levelMax { return false }
    switch line.level {
    case .error, .warning, .notice: return verbosity >= 1
    case .info: return verbosity >= 2
    case .debug: return verbosity >= 4
    }
  }
}

extension PropertySet {
  /// What `debug` and `log_level` come to.
  public var logFilter: LogFilter {
    var filter = LogFilter()
    filter.contexts = DebugContexts(parsing: text("debug") ?? "")
    filter.levelMax = count("log_level")
    return filter
  }
}
