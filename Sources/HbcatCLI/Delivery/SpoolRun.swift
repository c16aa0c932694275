import Healthbot

/// The entries of a spool file on their way, while this process has its turn.
///
/// Confined to the sender's thread, which goes on with new alarms meanwhile.
final class SpoolRun {
  /// Entries that are with the web lanes at once, at most: what they hold is not written as sent yet.
  private static let underWayMax = 50
  /// After this time no more is handed to the web lanes, in milliseconds, so that what was sent is written.
  private static let handingMs: Int64 = 3_000

  /// Bytes that Kafka gets, about: the producer has room for them, so that nobody waits for it.
  private static let recordBytesMax = 8 << 20

  /// After this time what was sent is to be written as sent, in milliseconds.
  private static let overdueMs: Int64 = 60_000

  let turn: SpoolFolder.Turn
  private let startMs: Int64
  /// The first entry that is not looked at.
  private var next = 0
  /// Entries that stay, by their place.
  private var stays: Set<Int> = []
  /// Entries that the web lanes have.
  private var underWay: Set<Int> = []
  /// Places of what Kafka has, by topic and line, since that is what comes back.
  private var records: [[UInt8]: [Int]] = [:]
  private var recordBytes = 0
  private var isSealed = false
  /// Whether something failed, so that a pause is in order before the next try.
  private(set) var hasFailed = false

  init(_ turn: SpoolFolder.Turn, nowMs: Int64) {
    self.turn = turn
    startMs = nowMs
  }

  /// Where an entry is to be handed over.
  enum Hand {
    case kafka(SpoolEntry)
    case web(SpoolEntry, place: Int)
    /// The web lanes have enough for now.
    case later
    /// All have been.
    case none
  }

  /// The next entry to hand over; `isStopping` says that nothing more goes.
  func hand(nowMs: Int64, isStopping: Bool, hasRoom: (SpoolEntry) -> Bool) -> Hand {
    while next < turn.entries.count {
      let entry = turn.entries[next]
      let isEnough =
        entry.way == .kafka ? recordBytes >= Self.recordBytesMax : nowMs - startMs >= Self.handingMs
      let isLate = isStopping || isEnough
      if !isLate, entry.way != .kafka, underWay.count >= Self.underWayMax || !hasRoom(entry) {
        return .later
      }
      next += 1
      if isLate {
        stays.insert(next - 1)
      } else if entry.way == .kafka {
        return .kafka(entry)
      } else {
        return .web(entry, place: next - 1)
      }
    }
    return .none
  }

  /// The place of the entry that was handed over last.
  var last: Int { next - 1 }

  /// The entry that was handed over last is with Kafka, as `line` of `topic`.
  func isWithKafka(_ topic: String, _ line: [UInt8]) {
    records[Array(topic.utf8) + line, default: []].append(last)
    recordBytes += line.count
  }

  /// The entry that was handed over last is with the web lanes.
  func isWithWeb() { underWay.insert(last) }

  /// The entry that was handed over last is not to be had, and stays.
  func isNotTaken() { failed(last, stays: true) }

  /// The entry that Kafka gave back; nil where it is none of these.
  func place(_ topic: String, _ line: [UInt8]) -> Int? {
    records[Array(topic.utf8) + line]?.popLast()
  }

  /// An entry has arrived by the web.
  func arrived(_ place: Int) { underWay.remove(place) }

  /// An entry has failed, and stays or goes.
  func failed(_ place: Int, stays isToStay: Bool) {
    underWay.remove(place)
    hasFailed = hasFailed || isToStay
    if isToStay { stays.insert(place) }
  }

  /// Whether every entry has its outcome, once Kafka is settled.
  var isDone: Bool { next == turn.entries.count && underWay.isEmpty }

  /// Once, when Kafka has all that it gets.
  func isToSeal() -> Bool {
    defer { isSealed = true }
    return usesKafka && !isSealed
  }

  /// Whether an answer of Kafka is awaited, or was.
  var usesKafka: Bool { !records.isEmpty }

  /// Whether it lasts too long to wait for a pause.
  func isOverdue(nowMs: Int64) -> Bool { nowMs - startMs >= Self.overdueMs }

  /// What is to stay in the spool, in order.
  var rest: [SpoolEntry] { stays.sorted().map { turn.entries[$0] } }
}
