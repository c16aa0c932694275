import CUV

/// The place of everything that touches the loop: sockets, timers, the client's and the broker's state.
///
/// Nothing isolated to it may block. The loop's thread starts at the first use.
@globalActor public actor Net {
  /// The one instance.
  public static let shared = Net()

  nonisolated let loop = Loop()

  private init() {}

  /// The loop's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// libuv's loop, for functions that make handles.
  @Net static var rawLoop: UnsafeMutablePointer<uv_loop_t> { shared.loop.raw }

  /// Enters from a callback that runs on the loop's thread but outside any task; traps elsewhere.
  @inline(__always)
  public nonisolated static func assumeIsolated<T>(_ body: @Net () throws -> T) rethrows -> T {
    shared.loop.checkIsolated()
    // Only the isolation, which was just checked, is taken off the type: what MainActor does too.
    return try withoutActuallyEscaping(body) { try unsafeBitCast($0, to: (() throws -> T).self)() }
  }

  /// Starts `body` on the loop; bodies started by one thread begin in that order.
  ///
  /// Continuations that it awaits and `nonisolated async` functions that it calls stay there too.
  public nonisolated static func task(_ body: @escaping @Sendable @Net () async -> Void) {
    Task(executorPreference: shared.loop, operation: body)
  }

  /// Runs `body` on the loop and blocks the calling thread until it ends.
  ///
  /// Not for the loop's thread, which would wait for itself: there it traps.
  ///
  /// - Throws: what `body` throws.
  public nonisolated static func wait<T: Sendable>(
    _ body: @escaping @Sendable @Net () async throws -> T
  ) throws -> T {
    precondition(!shared.loop.isCurrent, "Net.wait on the loop thread")
    let done = Handover<Result<T, any Error>>()
    task {
      do { done.push(.success(try await body())) } catch { done.push(.failure(error)) }
    }
    guard let result = done.take() else { preconditionFailure("a result is always pushed") }
    return try result.get()
  }
}
