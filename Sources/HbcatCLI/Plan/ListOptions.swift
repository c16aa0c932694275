/// What a listing tells beyond what kcat's does.
struct ListOptions: Hashable, Sendable {
  /// Which of a topic's settings are told.
  enum Configs: Hashable, Sendable {
    case none
    /// Those that somebody has set for the topic.
    case ownOnly
    case all
  }

  /// The first offset of each partition, and the one behind its last record.
  var offsets = false
  var configs = Configs.none

  mutating func apply(_ key: OptionKey) {
    switch key {
    case .offsets: offsets = true
    case .allConfigs: configs = .all
    default: if configs == .none { configs = .ownOnly }
    }
  }
}
