import Glibc
import TestSupport
import Testing

@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct LoopTests {
  struct Failure: Error, Equatable { let number: Int }

  @Test func `wait gives the value that the loop computed`() async {
    let value = await onOwnThread { try? Net.wait { Net.shared.loop.isCurrent ? 42 : 0 } }
    #expect(value == 42)
  }

  @Test func `wait throws what the body throws`() async {
    let failure: Failure? = await onOwnThread {
      do {
        return try Net.wait { () async throws -> Failure? in
          await sleep(milliseconds: 1)
          throw Failure(number: 7)
        }
      } catch { return error as? Failure }
    }
    #expect(failure == Failure(number: 7))
  }

  @Test func `bodies started by one thread begin in that order`() async {
    let order = Shared<[Int]>([])
    await onOwnThread {
      for number in 0..<1000 { Net.task { order.change { $0.append(number) } } }
      try? Net.wait {}
    }
    #expect(order.value == Array(0..<1000))
  }

  @Net @Test func `all awaits of a task stay on the loop's thread`() async {
    var places: [Bool] = []
    for _ in 0..<3 {
      await sleep(milliseconds: 1)
      places.append(Net.shared.loop.isCurrent)
    }
    await nonisolatedWork()
    places.append(Net.shared.loop.isCurrent)
    #expect(places == [true, true, true, true])
  }

  private func nonisolatedWork() async { await Task.yield() }

  @Test func `a task that never rests does not starve timers`() async {
    let isOver = await withCheckedContinuation { continuation in
      Net.task {
        var isFired = false
        _ = Timer(afterMs: 5) { isFired = true }
        let end = MonotonicClock.nowMs + 10_000
        while !isFired && MonotonicClock.nowMs < end { await Task.yield() }
        continuation.resume(returning: isFired)
      }
    }
    #expect(isOver)
  }

  @Test func `the clock goes forward in milliseconds`() async {
    let before = MonotonicClock.nowMs
    await sleep(milliseconds: 20)
    let passed = MonotonicClock.nowMs - before
    #expect(passed >= 19 && passed < 10_000)
  }
}

@Suite(.timeLimit(.minutes(1))) struct TimerTests {
  @Net @Test func `timers fire by their time, and in order of making where it is the same`() async {
    var log: [Int] = []
    await withCheckedContinuation { continuation in
      _ = Timer(afterMs: 30) {
        log.append(4)
        continuation.resume()
      }
      _ = Timer(afterMs: 5) { log.append(2) }
      _ = Timer(afterMs: 5) { log.append(3) }
      _ = Timer(afterMs: -1) { log.append(1) }
    }
    #expect(log == [1, 2, 3, 4])
  }

  @Net @Test func `a cancelled timer does not fire, not even when it is due`() async {
    var fired: [String] = []
    let late = Timer(afterMs: 5) { fired.append("late") }
    var second: Timer?
    _ = Timer(afterMs: 1) { second?.cancel() }
    second = Timer(afterMs: 1) { fired.append("second") }
    late.cancel()
    late.cancel()
    #expect(!late.isActive)
    await sleep(milliseconds: 20)
    #expect(fired == [])
  }

  @Net @Test func `a repeating timer goes on until it cancels itself`() async {
    var count = 0
    await withCheckedContinuation { continuation in
      var timer: Timer?
      timer = Timer(afterMs: 0, everyMs: 2) {
        count += 1
        guard count == 5 else { return }
        timer?.cancel()
        timer = nil
        continuation.resume()
      }
    }
    await sleep(milliseconds: 10)
    #expect(count == 5)
  }

  @Net @Test func `a timer that has fired or was cancelled lets go of everything`() async {
    final class Thing {}
    weak var fired: Timer?
    weak var cancelled: Timer?
    weak var thing: Thing?
    do {
      let kept = Thing()
      thing = kept
      let first = Timer(afterMs: 0) { withExtendedLifetime(kept) {} }
      let second = Timer(afterMs: 60_000) { withExtendedLifetime(kept) {} }
      fired = first
      cancelled = second
      second.cancel()
    }
    #expect(thing != nil)
    await sleep(milliseconds: 5)
    #expect(thing == nil)
    #expect(fired == nil)
    #expect(cancelled == nil)
  }
}

@Suite(.timeLimit(.minutes(1)), .serialized) struct SignalTests {
  @Net @Test func `a watched signal runs its action, until it is cancelled`() async {
    var count = 0
    var another = 0
    let kept = SignalWatcher(SIGUSR1) { another += 1 }
    await withCheckedContinuation { continuation in
      let watcher = SignalWatcher(SIGUSR1) {
        count += 1
        if count == 1 { continuation.resume() }
      }
      kill(getpid(), SIGUSR1)
      _ = Timer(afterMs: 5000) { watcher.cancel() }
      self.cancelLater(watcher) { count == 1 }
    }
    while another < 1 { await sleep(milliseconds: 1) }
    await sleep(milliseconds: 5)
    kill(getpid(), SIGUSR1)
    while another < 2 { await sleep(milliseconds: 1) }
    #expect(count == 1)
    kept.cancel()
  }

  @Net private func cancelLater(_ watcher: SignalWatcher, _ condition: @escaping @Net () -> Bool) {
    _ = Timer(afterMs: 1) {
      if condition() { watcher.cancel() } else { self.cancelLater(watcher, condition) }
    }
  }

  @Test func `a thread that is blocked in write gets out`() async {
    let result = await onOwnThread { Self.blockedWrite { _ in } }
    #expect(result.code == EINTR)
    #expect(result.isRequested)
  }

  @Test func `a request before the call counts, since it is repeated`() async {
    let result = await onOwnThread {
      Self.blockedWrite { interrupt in
        // The first signal comes here, where there is no call to be interrupted.
        while !interrupt.isRequested { usleep(100) }
        usleep(1000)
      }
    }
    #expect(result.code == EINTR)
  }

  @Test func `no signal comes after the acknowledgement`() async {
    let isQuiet = await onOwnThread {
      let interrupt = ThreadInterrupt()
      try? Net.wait { interrupt.request() }
      interrupt.acknowledge()
      var rest = timespec(tv_sec: 0, tv_nsec: 50_000_000)
      let status = nanosleep(&rest, nil)
      try? Net.wait { interrupt.request() }
      return status == 0 && interrupt.isRequested
    }
    #expect(isQuiet)
  }

  /// Fills a pipe that nobody reads, runs `before` and writes more, while the loop interrupts.
  private static func blockedWrite(_ before: (ThreadInterrupt) -> Void)
    -> (code: Int32, isRequested: Bool)
  {
    var ends: [Int32] = [-1, -1]
    pipe(&ends)
    defer { for end in ends { close(end) } }
    let interrupt = ThreadInterrupt()
    let bytes = [UInt8](repeating: 0, count: 65536)
    _ = write(ends[1], bytes, bytes.count)
    Net.task { interrupt.request() }
    before(interrupt)
    let status = write(ends[1], bytes, bytes.count)
    let code = errno
    let isRequested = interrupt.isRequested
    interrupt.acknowledge()
    return (status < 0 ? code : 0, isRequested)
  }
}
