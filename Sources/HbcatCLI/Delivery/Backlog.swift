import Healthbot

/// What is in the spool and not to be overtaken by what is new: that goes into the spool too, behind it.
struct Backlog {
  /// What keeps its order: a notification's way, and for Kafka the topic.
  private struct Key: Hashable {
    var way: SpoolEntry.Way
    var topic: String?

    init(_ entry: SpoolEntry) { (way, topic) = (entry.way, entry.topic) }
  }

  /// Of one notification.
  private struct Held {
    var keys: Set<Key> = []
    /// What was put into the spool since it was last read.
    var added: Set<Key> = []
    /// Nobody knows what is in the spool: everything waits.
    var isWhole = false
  }

  private var held: [String: Held] = [:]

  var isEmpty: Bool { held.isEmpty }

  /// Whether a new entry has to wait.
  func holds(_ entry: SpoolEntry, of name: String) -> Bool {
    guard let held = held[name] else { return false }
    return held.isWhole || held.keys.contains(Key(entry))
  }

  /// A new entry goes into the spool.
  mutating func add(_ entry: SpoolEntry, of name: String) {
    held[name, default: Held()].keys.insert(Key(entry))
    held[name, default: Held()].added.insert(Key(entry))
  }

  /// These are in the spool.
  mutating func hold(_ entries: [SpoolEntry], of name: String) {
    for entry in entries { held[name, default: Held()].keys.insert(Key(entry)) }
  }

  /// What is in the spool cannot be read now.
  mutating func holdAll(of name: String) { held[name, default: Held()].isWhole = true }

  /// Nothing is in the spool, or it is read anew.
  mutating func release(_ name: String) { held[name] = nil }

  /// Of what was read only `rest` is left in the spool; true where more was added meanwhile.
  mutating func endRun(of name: String, keeping rest: [SpoolEntry]) -> Bool {
    let added = held[name]?.added ?? []
    held[name] = nil
    hold(rest, of: name)
    if !added.isEmpty {
      held[name, default: Held()].keys.formUnion(added)
      held[name]?.added = added
    }
    return !added.isEmpty
  }
}
