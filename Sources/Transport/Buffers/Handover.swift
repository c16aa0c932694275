internal import Glibc

/// Passes values from one thread to another, in order.
///
/// The taker either blocks (`take`) or polls and is called (`onArrival`) when something comes after it
/// found nothing. Nobody is woken who is not idle.
public final class Handover<Value: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var values: [Value] = []
  private var head = 0
  private var closed = false
  private var isIdle: Bool
  private let onArrival: (@Sendable () -> Void)?

  /// Makes a hand-over; with `onArrival` its taker begins idle.
  public init(onArrival: (@Sendable () -> Void)? = nil) {
    self.onArrival = onArrival
    isIdle = onArrival != nil
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(arrived, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(arrived)
    mutex.deallocate()
    arrived.deallocate()
  }

  private func wake() {
    if let onArrival { onArrival() } else { pthread_cond_signal(arrived) }
  }

  private func first() -> Value? {
    guard head < values.count else { return nil }
    let value = values[head]
    head += 1
    if head == values.count {
      values.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 1024 {
      values.removeFirst(head)
      head = 0
    }
    return value
  }

  /// Adds a value; wakes the taker if it is idle.
  public func push(_ value: Value) {
    pthread_mutex_lock(mutex)
    values.append(value)
    let wakes = isIdle
    isIdle = false
    pthread_mutex_unlock(mutex)
    if wakes { wake() }
  }

  /// Says that no more will come; what is there can still be taken.
  public func close() {
    pthread_mutex_lock(mutex)
    closed = true
    isIdle = false
    pthread_mutex_unlock(mutex)
    wake()
  }

  /// The next value; waits for one; nil after the last.
  public func take() -> Value? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while head == values.count && !closed {
      isIdle = true
      pthread_cond_wait(arrived, mutex)
    }
    return first()
  }

  /// The next value if there is one; otherwise `onArrival` runs when one comes.
  public func poll() -> Value? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if head == values.count { isIdle = true }
    return first()
  }

  /// True where nothing is left and nothing will come.
  public var isDrained: Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return closed && head == values.count
  }
}
