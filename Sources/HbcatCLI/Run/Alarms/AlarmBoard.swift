import Healthbot
import Transport

/// What the records of alarms and silences come to, seen through the matchers.
final class AlarmBoard {
  /// What a record of an alarm has changed.
  struct Change {
    var kind: AlarmTable.Change
    var entry: AlarmTable.Entry
    /// The silence that keeps it quiet now.
    var silence: Silence?
  }

  /// The alarms, whether or not they match.
  private(set) var table = AlarmTable()
  /// How many records were alarms, and how many were none.
  private(set) var alarmCount = 0
  private(set) var foreignCount = 0
  /// Where and why the first record was no alarm.
  private(set) var firstForeign: String?
  /// The first expression that could not be judged, which is an alarm too few or too many.
  private(set) var patternTrouble: String?
  private var silences = Silences()
  private let matchers: [AlarmMatcher]
  /// Those of them that all records of an alarm meet, or none.
  private let identityMatchers: [AlarmMatcher]
  private let silenceTopic: String
  private let patterns = RulePatterns()

  init(_ matchers: [AlarmMatcher], silenceTopic: String) {
    self.matchers = matchers
    identityMatchers = matchers.filter(\.concernsIdentity)
    self.silenceTopic = silenceTopic
  }

  /// Takes a record; nil where it is no alarm, or none that matches or matters.
  func take(_ record: RecordFeed.Record) -> Change? {
    guard record.topic != silenceTopic else {
      note(silence: record)
      return nil
    }
    let alarm: Alarm
    do throws(AlarmError) {
      let value = record.value ?? UnsafeRawBufferPointer(start: nil, count: 0)
      alarm = try AlarmLine.alarm(in: value, needsDevice: false)
    } catch {
      note(foreign: record, error.message)
      return nil
    }
    // What does not concern the state can be left out for good; the rest may match when it clears.
    alarmCount += 1
    guard matches(identityMatchers, alarm) else { return nil }
    let identity = AlarmIdentity(of: alarm)
    let old = table[identity]
    let place = AlarmTable.Place(
      topic: record.topic, partition: record.partition, offset: record.offset,
      timestampMs: record.timestampMs)
    guard let kind = table.apply(alarm, at: place), let entry = table[identity] else { return nil }
    guard matches(matchers, alarm) || old.map({ matches(matchers, $0.alarm) }) == true else {
      return nil
    }
    return Change(kind: kind, entry: entry, silence: silence(of: alarm))
  }

  /// The active alarms that match and are not kept quiet; with `showsSilenced` those as well.
  func seen(_ plan: AlarmsPlan) -> [(entry: AlarmTable.Entry, silence: Silence?)] {
    active().filter { plan.showsSilenced || $0.silence == nil }
  }

  /// The active alarms that match, with what keeps each quiet now: the worst and latest first.
  func active() -> [(entry: AlarmTable.Entry, silence: Silence?)] {
    let nowMs = WallClock.nowMs
    return table.active().filter { matches(matchers, $0.alarm) }.map { entry in
      (entry, silences.silence(of: entry.alarm, nowMs: nowMs, search: patterns.searching))
    }
  }

  private func silence(of alarm: Alarm) -> Silence? {
    silences.isEmpty
      ? nil : silences.silence(of: alarm, nowMs: WallClock.nowMs, search: patterns.searching)
  }

  private func matches(_ matchers: [AlarmMatcher], _ alarm: Alarm) -> Bool {
    do throws(RulePatternError) {
      return try matchers.match(alarm, search: patterns.searching)
    } catch {
      patternTrouble = patternTrouble ?? error.reason
      return false
    }
  }

  private func note(silence record: RecordFeed.Record) {
    guard let key = record.key else { return note(foreign: record, "a silence has a key") }
    do throws(SilenceError) {
      try silences.apply(key: key, value: record.value)
    } catch {
      note(foreign: record, "\(error)")
    }
  }

  private func note(foreign record: RecordFeed.Record, _ reason: String) {
    foreignCount += 1
    firstForeign =
      firstForeign ?? "\(record.topic) [\(record.partition)] at offset \(record.offset): \(reason)"
  }
}
