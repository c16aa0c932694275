import Glibc

/// Runs what blocks on a thread of its own, so that the test pool's few threads stay free.
public func onOwnThread<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
  await withCheckedContinuation { continuation in
    startThread { continuation.resume(returning: body()) }
  }
}

/// Starts a thread that runs what blocks and ends with it.
public func startThread(_ body: @escaping @Sendable () -> Void) {
  var thread = pthread_t()
  let status = pthread_create(
    &thread, nil,
    { argument in
      guard let argument else { return nil }
      Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body()
      return nil
    }, Unmanaged.passRetained(Job(body: body)).toOpaque())
  precondition(status == 0, "pthread_create: \(status)")
  pthread_detach(thread)
}

private final class Job: Sendable {
  let body: @Sendable () -> Void
  init(body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Waits until `condition` holds; records nothing and returns false after `seconds`.
public func eventually(
  within seconds: Double = 20, _ condition: @escaping @Sendable () async -> Bool
) async -> Bool {
  let start = ContinuousClock.now
  while !(await condition()) {
    if ContinuousClock.now - start > .seconds(seconds) { return false }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return true
}
