import Glibc
import TestSupport
import Testing
import Transport

@Suite(.timeLimit(.minutes(1))) struct HandoverTests {
  @Test func `what one thread pushes another takes in order`() async {
    let handover = Handover<Int>()
    async let taken = onOwnThread {
      var values: [Int] = []
      while let value = handover.take() { values.append(value) }
      return values
    }
    await onOwnThread {
      for value in 0..<100_000 { handover.push(value) }
      handover.close()
    }
    #expect(await taken == Array(0..<100_000))
    #expect(handover.isDrained)
  }

  @Test func `two that wait for each other wake each other every time`() async {
    let there = Handover<Int>()
    let back = Handover<Int>()
    async let echo: Void = onOwnThread {
      while let value = there.take() { back.push(value) }
      back.close()
    }
    let last = await onOwnThread {
      for value in 0..<10_000 {
        there.push(value)
        if back.take() != value { return value }
      }
      there.close()
      return back.take() == nil ? -1 : -2
    }
    await echo
    #expect(last == -1)
  }

  @Test func `a taker that polls is called once when something comes after it found nothing`() {
    let calls = Shared(0)
    let handover = Handover<Int> { calls.change { $0 += 1 } }
    handover.push(1)
    handover.push(2)
    #expect(calls.value == 1)
    #expect(handover.poll() == 1)
    handover.push(3)
    #expect(handover.poll() == 2)
    #expect(handover.poll() == 3)
    #expect(calls.value == 1)
    #expect(handover.poll() == nil)
    handover.push(4)
    #expect(calls.value == 2)
    handover.close()
    #expect(calls.value == 3)
    #expect(!handover.isDrained)
    #expect(handover.poll() == 4)
    #expect(handover.isDrained)
  }

  @Net @Test func `a poller on the loop misses nothing of another thread`() async {
    let sum = Shared(0)
    let ended = Handover<Bool>()
    let box = Shared<Handover<Int>?>(nil)
    let handover = Handover<Int> {
      Net.task {
        guard let handover = box.value else { return }
        while let value = handover.poll() { sum.change { $0 += value } }
        if handover.isDrained { ended.close() }
      }
    }
    box.change { $0 = handover }
    await onOwnThread {
      for value in 1...20_000 { handover.push(value) }
      handover.close()
      _ = ended.take()
    }
    #expect(sum.value == 20_000 * 20_001 / 2)
    box.change { $0 = nil }
  }

  @Test func `taking with a time ends with it`() async {
    let handover = Handover<Int>()
    let took = await onOwnThread {
      let start = MonotonicClock.nowMs
      let nothing = handover.take(timeoutMs: 30)
      return nothing == nil ? MonotonicClock.nowMs - start : -1
    }
    #expect(took >= 29)
    #expect(!handover.isDrained)
    handover.push(5)
    #expect(handover.take(timeoutMs: 10_000) == 5)
    handover.close()
    #expect(handover.take(timeoutMs: 10_000) == nil)
  }

  @Test func `close wakes a taker, and what is pushed later is dropped`() async {
    let handover = Handover<Int>()
    async let taken = onOwnThread { handover.take() }
    handover.close()
    #expect(await taken == nil)
    handover.push(1)
    #expect(handover.take() == nil)
    #expect(handover.isDrained)
  }

  @Test func `a value that was taken is not kept by the queue`() {
    final class Thing: Sendable {}
    let handover = Handover<Thing>()
    weak var first: Thing?
    do {
      let thing = Thing()
      first = thing
      handover.push(thing)
    }
    handover.push(Thing())
    _ = handover.take()
    #expect(first == nil)
    #expect(handover.count == 1)
  }

  @Test func `a descriptor wakes poll(2), once per drain`() async {
    let wake = WakeDescriptor()
    func isReadable(_ ms: Int32) -> Bool {
      var entry = pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&entry, 1, ms) == 1
    }
    #expect(!isReadable(0))
    async let woken = onOwnThread {
      var entry = pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&entry, 1, 20_000)
    }
    wake.wake()
    #expect(await woken == 1)
    for _ in 0..<100_000 { wake.wake() }
    #expect(isReadable(0))
    wake.drain()
    #expect(!isReadable(0))
    wake.drain()
  }
}
