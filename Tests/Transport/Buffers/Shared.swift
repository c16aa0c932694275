import Synchronization
import Transport

/// A value that several threads of a test share.
final class Shared<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>

  init(_ value: Value) { mutex = Mutex(value) }

  var value: Value { mutex.withLock { $0 } }

  func change(_ body: (inout Value) -> Void) {
    mutex.withLock { value in
      var copy = value
      body(&copy)
      value = copy
    }
  }
}

/// Waits until a condition on the loop holds: what is closed is freed in one of the loop's next rounds.
@Net func soon(_ condition: @Net () -> Bool) async -> Bool {
  for _ in 0..<2000 {
    if condition() { return true }
    await sleep(milliseconds: 1)
  }
  return false
}
