/// What became of alarms, by notification.
struct DeliveryCounts {
  /// Of one notification.
  struct Channel {
    var delivered = 0
    /// What Kafka has taken over and not given back: delivered, once all is settled.
    var taken = 0
    /// Of those that failed, how many may be in the log all the same.
    var possiblyPersisted = 0
    /// In the spool.
    var kept = 0
    var failed = 0
  }

  private var channels: [String: Channel] = [:]
  /// Alarms that go nowhere, since their group is unknown or their name is none.
  var refused = 0
  /// Of those that failed, how many might have passed another time, had they been kept.
  var untimely = 0
  /// Alarms that are no news.
  var held = 0
  /// Messages to webhooks, chat and mail that a silence kept back.
  var silenced = 0
  /// Alarms that were read and, after an interrupt, not sent.
  var unsent = 0

  subscript(_ name: String) -> Channel {
    get { channels[name] ?? Channel() }
    set { channels[name] = newValue }
  }

  /// Alarms that are in the spool.
  var kept: Int { channels.values.reduce(0) { $0 + $1.kept } }

  /// What Kafka has taken over is delivered now.
  mutating func countTaken() {
    for name in channels.keys {
      self[name].delivered += self[name].taken
      self[name].taken = 0
    }
  }

  /// Says the counts, a line for each notification where something is not delivered; with -v of all.
  func say(_ messages: Messages) {
    for (name, channel) in channels.sorted(by: { $0.key < $1.key }) {
      guard channel.delivered + channel.kept + channel.failed > 0 else { continue }
      let isWhole = channel.kept + channel.failed == 0
      messages.info(isWhole ? 2 : 1, "notification \(name): \(Self.text(channel))")
    }
    if held > 0 { messages.info(2, "\(held) alarms are no news and were not sent") }
    if silenced > 0 { messages.info(2, "\(silenced) messages were kept back by silences") }
    if refused > 0 { messages.info(1, "\(refused) alarms were refused") }
    if unsent > 0 { messages.info(1, "\(unsent) alarms were read and not sent") }
  }

  /// As `say`, where there is no configuration.
  func sayDirect(_ messages: Messages) {
    var channel = self[AlarmRoutes.directName]
    channel.failed += unsent
    guard channel.kept + channel.failed > 0 else { return }
    messages.info(1, Self.text(channel, unit: " messages"))
  }

  private static func text(_ channel: Channel, unit: String = "") -> String {
    var text = "\(channel.delivered)\(unit) delivered"
    if channel.kept > 0 { text += ", \(channel.kept) kept in the spool" }
    if channel.failed > 0 { text += ", \(channel.failed) not delivered" }
    if channel.possiblyPersisted > 0 {
      text += " (possibly \(channel.possiblyPersisted) are in the log all the same)"
    }
    return text
  }
}
