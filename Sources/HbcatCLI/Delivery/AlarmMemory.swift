import Healthbot
import Transport

/// What was sent of which alarm: in memory for a stream, and in the file of `--state` for longer.
///
/// What is decided holds at once for what follows in the stream; it is written once it came to pass.
final class AlarmMemory {
  private var transitions: Transitions
  private var file: StateFile?
  /// What was decided and is not written yet, with what was remembered before.
  private var pending: [Transitions.Memory] = []
  private var pendingIdentities: [AlarmIdentity] = []
  private var failed: Set<AlarmIdentity> = []

  /// Reads what the file holds; `onBroken` is told of lines that are no state.
  init(
    _ rules: Transitions.Rules, file path: String?, isReadOnly: Bool = false,
    onBroken: (Int) -> Void
  ) throws(DurableFile.Failure) {
    transitions = Transitions(rules)
    file = path.map { StateFile(path: $0) }
    let broken = try file?.read(into: &transitions, creating: !isReadOnly) ?? 0
    if isReadOnly { file = nil }
    if broken > 0 { onBroken(broken) }
  }

  /// How many decisions wait to be written.
  var pendingCount: Int { pending.count }

  /// Decides whether an alarm is to be sent, and remembers it.
  func isToBeSent(
    _ severity: Alarm.Severity, _ identity: AlarmIdentity, suppressesInitialNormal: Bool,
    nowMs: Int64
  ) -> Bool {
    let decision = transitions.decide(
      severity, identity, suppressesInitialNormal: suppressesInitialNormal, nowMs: nowMs)
    guard file != nil else {
      transitions.record(severity, identity, decision, nowMs: nowMs)
      return decision.isToBeSent
    }
    let before = transitions.memory(of: identity)
    if transitions.record(severity, identity, decision, nowMs: nowMs) {
      pending.append(before)
      pendingIdentities.append(identity)
    }
    return decision.isToBeSent
  }

  /// An alarm was neither delivered nor kept: the next of its kind is news again.
  func failed(_ identity: AlarmIdentity) {
    // Where nothing is written there is nothing to wait for.
    if file == nil { transitions.forget(identity) } else { failed.insert(identity) }
  }

  /// Writes what came to pass; to be called when all that was sent is delivered, kept or failed.
  func commit() throws(DurableFile.Failure) {
    var lines: [UInt8] = []
    var written: Set<AlarmIdentity> = []
    for (before, identity) in zip(pending, pendingIdentities) {
      if failed.contains(identity) {
        // The oldest memory holds: those behind it were built on it.
        if written.insert(identity).inserted { transitions.restore(before) }
      } else if written.insert(identity).inserted {
        lines += transitions.line(for: identity) ?? []
      }
    }
    pending = []
    pendingIdentities = []
    failed = []
    if !lines.isEmpty { _ = try file?.update(&transitions, appending: lines) }
  }
}
