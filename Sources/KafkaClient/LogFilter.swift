/// Which log lines somebody wants to see, by `debug` and `log_level`.
public struct LogFilter: Sendable {
  /// Contexts of which everything is told, as librdkafka names them; `all` is each.
  public var contexts: Set<String> = []
  /// The least important level that is told; nil where the verbosity decides alone.
  public var levelMax: Int?

  /// Makes one that leaves it to the verbosity.
  public init() {}

  /// Whether a line is told at a verbosity: 0 quiet, 1 as usual, one more for each `-v`.
  ///
  /// What `debug` asks for is told however quiet it is, as kcat does it.
  public func shows(_ line: ClientLog, verbosity: Int) -> Bool {
    if let levelMax, line.level.rawValue > levelMax { return false }
    if !contexts.isEmpty, line.level.rawValue <= ClientLog.Level.notice.rawValue { return true }
    if contexts.contains("all") || !contexts.isDisjoint(with: Self.contexts(of: line.facility)) {
      return true
    }
    switch line.level {
    case .error, .warning, .notice: return verbosity >= 1
    case .info: return verbosity >= 2
    case .debug: return verbosity >= 4
    }
  }

  /// To which of `debug`'s contexts a kind of line belongs.
  private static func contexts(of facility: String) -> Set<String> {
    switch facility {
    case "FAIL", "CONNECT": ["broker"]
    case "PROTOERR", "THROTTLE": ["broker", "protocol"]
    case "APIVERSION": ["broker", "feature"]
    case "METADATA", "CLUSTERID", "REBOOTSTRAP": ["metadata"]
    case "SSL", "SASL", "OAUTHBEARER": ["security"]
    case "DELIVERY": ["msg"]
    case "IDEMPOTENCE", "TXN": ["eos"]
    case "OFFSET", "TOPIC", "PARTCNT", "TRUNC", "CORRUPT": ["topic", "fetch", "consumer"]
    case "CONF": ["conf"]
    case "GROUP", "SESSTMOUT", "MAXPOLL", "LEAVE", "COMMITFAIL", "SHARE": ["cgrp", "consumer"]
    default: ["generic"]
    }
  }
}

extension PropertySet {
  /// What `debug` and `log_level` come to.
  public var logFilter: LogFilter {
    var filter = LogFilter()
    filter.contexts = Set(text("debug")?.split(separator: ",").map(String.init) ?? [])
    filter.levelMax = count("log_level")
    return filter
  }
}
