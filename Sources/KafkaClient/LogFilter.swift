/// Which log lines somebody sees, by `debug`, `log_level` and the verbosity.
public struct LogFilter: Sendable {
  /// Of what `debug` asks to be told.
  public var debug: DebugContexts = []
  /// The least important level that is told; nil where the verbosity decides alone.
  public var levelMax: Int?

  /// Makes one that leaves it to the verbosity.
  public init() {}

  /// Whether a line is told at a verbosity: 0 quiet, 1 as usual, one more for each `-v`.
  ///
  /// With `debug` warnings and worse are told however quiet it is, as kcat does it. A line for debugging
  /// comes into being only where it was asked for.
  public func shows(_ line: ClientLog, verbosity: Int) -> Bool {
    // librdkafka raises its default, 6, where anything is to be debugged.
    if let levelMax, line.level.rawValue > (debug.isEmpty || levelMax < 6 ? levelMax : 7) {
      return false
    }
    switch line.level {
    case .error, .warning, .notice: return verbosity >= 1 || !debug.isEmpty
    case .info: return verbosity >= 2
    case .debug: return true
    }
  }
}

extension PropertySet {
  /// What `debug` and `log_level` come to.
  public var logFilter: LogFilter {
    var filter = LogFilter()
    filter.debug = DebugContexts(parsing: text("debug") ?? "")
    filter.levelMax = count("log_level")
    return filter
  }
}
