import Glibc

/// Passes values from thread to thread, in order; the taker blocks (`take`) or is called (`onArrival`).
///
/// Any threads may push, one takes. What bounds the queue is the pushers' budget of bytes.
public final class Handover<Value: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  // Under the mutex: the values from `head` on, the taken ones before it being nil.
  private var values: [Value?] = []
  private var head = 0
  private var isClosed = false
  private var isIdle: Bool  // the taker waits, or waits to be called
  private let onArrival: (@Sendable () -> Void)?

  /// Makes an empty queue.
  ///
  /// - Parameter onArrival: called by the pushing thread when a value comes after `poll` had found
  ///   none (or at the very first), and at `close`; without it the taker uses `take`.
  public init(onArrival: (@Sendable () -> Void)? = nil) {
    self.onArrival = onArrival
    isIdle = onArrival != nil
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(arrived, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(arrived)
    mutex.deallocate()
    arrived.deallocate()
  }

  /// Appends a value; after `close` it is dropped.
  ///
  /// The pusher keeps no share in it, so that the taker may change it in place.
  public func push(_ value: consuming Value) {
    pthread_mutex_lock(mutex)
    if isClosed {
      pthread_mutex_unlock(mutex)
      return
    }
    values.append(value)
    let wakes = isIdle
    isIdle = false
    pthread_mutex_unlock(mutex)
    if wakes { wake() }
  }

  /// Says that no more will come; what is there can still be taken.
  public func close() {
    pthread_mutex_lock(mutex)
    let wakes = !isClosed
    isClosed = true
    pthread_mutex_unlock(mutex)
    if wakes { wake() }
  }

  /// Waits for the next value.
  ///
  /// - Returns: nil after the last.
  public func take() -> Value? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while head == values.count && !isClosed {
      isIdle = true
      pthread_cond_wait(arrived, mutex)
    }
    isIdle = false
    return next()
  }

  /// Waits for the next value, but not longer than `timeoutMs` milliseconds.
  ///
  /// - Returns: nil after the last (`isDrained`) or after that time.
  public func take(timeoutMs: Int64) -> Value? {
    var deadline = timespec()
    clock_gettime(CLOCK_MONOTONIC, &deadline)
    let ms = min(max(0, timeoutMs), 1 << 40)
    deadline.tv_sec += Int(ms / 1000)
    deadline.tv_nsec += Int(ms % 1000) * 1_000_000
    if deadline.tv_nsec >= 1_000_000_000 {
      deadline.tv_sec += 1
      deadline.tv_nsec -= 1_000_000_000
    }
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while head == values.count && !isClosed {
      isIdle = true
      if pthread_cond_timedwait(arrived, mutex, &deadline) == ETIMEDOUT { break }
    }
    isIdle = false
    return next()
  }

  /// Takes the next value if there is one; otherwise `onArrival` is called when one comes.
  public func poll() -> Value? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    let value = next()
    if value == nil { isIdle = onArrival != nil }
    return value
  }

  /// Whether it is closed and everything was taken.
  public var isDrained: Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return isClosed && head == values.count
  }

  /// Number of values that wait.
  public var count: Int {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return values.count - head
  }

  private func wake() {
    if let onArrival { onArrival() } else { pthread_cond_broadcast(arrived) }
  }

  /// Takes the first value, under the mutex.
  private func next() -> Value? {
    guard head < values.count else { return nil }
    let value = values[head].take()
    head += 1
    if head == values.count {
      values.removeAll(keepingCapacity: head <= 1024)
      head = 0
    } else if head >= 1024, head * 2 >= values.count {
      values.removeFirst(head)
      head = 0
    }
    return value
  }
}
