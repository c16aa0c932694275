internal import Glibc

/// Everything that touches the loop: sockets, timers, the state of client and broker.
@globalActor public actor Net {
  /// The one instance; its loop starts at first use.
  public static let shared = Net()
  nonisolated let loop = Loop()

  /// The loop's thread.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// The loop as a task executor, so that resumed continuations stay on its thread.
  public nonisolated static var executor: Loop { shared.loop }

  /// Enters from a libuv callback, which runs on the loop's thread but outside any task; traps elsewhere.
  @inline(__always)
  static nonisolated func assumeIsolated<T>(_ body: @Net () throws -> T) rethrows -> T {
    shared.loop.checkIsolated()
    return try withoutActuallyEscaping(body) {
      try unsafeBitCast($0, to: (() throws -> T).self)()
    }
  }

  /// Starts `body` on the loop.
  public nonisolated static func task(_ body: @escaping @Sendable @Net () async -> Void) {
    Task(executorPreference: shared.loop, operation: body)
  }

  /// Runs `body` on the loop and blocks the calling thread, which must not be the loop's, until it ends.
  public nonisolated static func wait<T: Sendable>(
    _ body: @escaping @Sendable @Net () async throws -> T
  ) throws -> T {
    let done = Handover<Result<T, any Error>>()
    Net.task {
      let result: Result<T, any Error>
      do { result = .success(try await body()) } catch { result = .failure(error) }
      done.push(result)
    }
    guard let result = done.take() else { preconditionFailure("nobody closes this hand-over") }
    return try result.get()
  }
}

/// A clock that neither jumps nor stops while the machine is awake.
public enum MonotonicClock {
  /// Milliseconds since some moment in the past.
  public static var nowMs: Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
  }
}
