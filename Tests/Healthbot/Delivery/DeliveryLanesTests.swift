import Healthbot
import Testing

@Suite struct DeliveryLanesTests {
  private typealias Lanes = DeliveryLanes<Int>

  private func lanes(_ count: Int, rate: RateLimit? = nil) -> Lanes {
    var lanes = Lanes(policy: DeliveryPolicy())
    for number in 0..<count { _ = lanes.add("lane \(number)", rate: rate) }
    return lanes
  }

  /// The attempt to be made now, as lane and message; nil for none.
  private func attempt(_ lanes: inout Lanes, _ nowMs: Int64 = 0) -> [Int]? {
    guard case .attempt(let attempt) = lanes.next(nowMs: nowMs) else { return nil }
    return [attempt.lane, attempt.message]
  }

  private func waitMs(_ lanes: inout Lanes, _ nowMs: Int64 = 0) -> Int64? {
    guard case .wait(let ms) = lanes.next(nowMs: nowMs) else { return nil }
    return ms
  }

  private func submit(
    _ messages: Range<Int>, _ lanes: inout Lanes, lane: Int = 0, _ nowMs: Int64 = 0
  ) {
    for message in messages { lanes.submit(message, byteCount: 1, to: lane, nowMs: nowMs) }
  }

  private func outcomes(_ lanes: inout Lanes) -> [String] {
    lanes.takeOutcomes().map {
      "\($0.lane) \($0.message)" + ($0.failure.map { " \($0)" } ?? "")
    }
  }

  private let dead = AttemptOutcome.failed("gone", .channel)

  @Test func `a lane keeps its order and has one attempt under way; lanes take turns`() {
    var lanes = lanes(2)
    submit(0..<3, &lanes)
    submit(10..<12, &lanes, lane: 1)
    #expect(attempt(&lanes) == [0, 0])
    #expect(attempt(&lanes) == [1, 10])
    #expect(attempt(&lanes) == nil)
    lanes.finished(0, .answer(status: 200), nowMs: 0, jitter: 0)
    lanes.finished(1, .answer(status: 200), nowMs: 0, jitter: 0)
    #expect(attempt(&lanes) == [0, 1])
    #expect(attempt(&lanes) == [1, 11])
    lanes.finished(0, .answer(status: 200), nowMs: 0, jitter: 0)
    #expect(attempt(&lanes) == [0, 2])
    #expect(outcomes(&lanes) == ["0 0", "1 10", "0 1"])
    #expect(outcomes(&lanes) == [])
    #expect(!lanes.isEmpty)
  }

  @Test func `a message that may pass holds its lane alone`() {
    var lanes = lanes(2)
    submit(0..<2, &lanes)
    #expect(attempt(&lanes) == [0, 0])
    lanes.finished(0, .answer(status: 503), nowMs: 0, jitter: 1)
    #expect(waitMs(&lanes, 100) == 400)
    submit(10..<11, &lanes, lane: 1)
    #expect(attempt(&lanes, 100) == [1, 10])
    #expect(attempt(&lanes, 500) == [0, 0])
    lanes.finished(0, .answer(status: 200), nowMs: 500, jitter: 1)
    #expect(attempt(&lanes, 500) == [0, 1])
  }

  @Test
  func `a dead channel fails at once what is there and what comes, and is tried after a rest`() {
    var lanes = lanes(1)
    submit(0..<3, &lanes)
    #expect(attempt(&lanes) == [0, 0])
    lanes.finished(0, dead, nowMs: 0, jitter: 0)
    #expect(
      outcomes(&lanes) == ["0 0 lane 0: gone", "0 1 lane 0: gone", "0 2 lane 0: gone"])
    submit(3..<4, &lanes, 4999)
    #expect(outcomes(&lanes) == ["0 3 lane 0: gone"])
    #expect(lanes.health(0, nowMs: 4999) == .down)
    #expect(lanes.health(0, nowMs: 5000) == .due)
    // One attempt tells, those behind it wait for it, and the next rest is twice as long.
    submit(4..<6, &lanes, 5000)
    #expect(attempt(&lanes, 5000) == [0, 4])
    lanes.finished(0, .failed("no route", .passing), nowMs: 5000, jitter: 0)
    #expect(outcomes(&lanes) == ["0 4 lane 0: no route", "0 5 lane 0: no route"])
    #expect(lanes.health(0, nowMs: 14_999) == .down)
    submit(6..<8, &lanes, 15_000)
    #expect(attempt(&lanes, 15_000) == [0, 6])
    submit(8..<9, &lanes, 15_000)
    lanes.finished(0, .answer(status: 200), nowMs: 15_000, jitter: 0)
    #expect(lanes.health(0, nowMs: 15_000) == .up)
    #expect(attempt(&lanes, 15_000) == [0, 7])
    lanes.finished(0, .answer(status: 503), nowMs: 15_000, jitter: 0)
    #expect(attempt(&lanes, 16_000) == [0, 7])
    #expect(outcomes(&lanes) == ["0 6"])
  }

  @Test func `what comes while a dead channel is tried waits, however long that takes`() {
    var lanes = lanes(1)
    submit(0..<1, &lanes)
    #expect(attempt(&lanes) == [0, 0])
    lanes.finished(0, dead, nowMs: 0, jitter: 0)
    submit(1..<2, &lanes, 5000)
    #expect(attempt(&lanes, 5000) == [0, 1])
    submit(2..<3, &lanes, 9000)
    lanes.finished(0, .answer(status: 204), nowMs: 9000, jitter: 0)
    #expect(attempt(&lanes, 9000) == [0, 2])
  }

  @Test func `a bad message does not take its lane down`() {
    var lanes = lanes(1)
    submit(0..<2, &lanes)
    #expect(attempt(&lanes) == [0, 0])
    lanes.finished(0, .answer(status: 400), nowMs: 0, jitter: 0)
    #expect(attempt(&lanes) == [0, 1])
    #expect(outcomes(&lanes) == ["0 0 lane 0: HTTP status 400"])
  }

  @Test func `a server that asks for a long pause gets it, within a limit`() {
    for (askedMs, restMs) in [(Int64(600_000), Int64(600_000)), (1 << 40, 3_600_000)] {
      var lanes = lanes(1)
      submit(0..<1, &lanes)
      #expect(attempt(&lanes) == [0, 0])
      lanes.finished(0, .answer(status: 429, retryAfterMs: askedMs), nowMs: 0, jitter: 0)
      #expect(lanes.health(0, nowMs: restMs - 1) == .down)
      #expect(lanes.health(0, nowMs: restMs) == .due)
    }
  }

  @Test func `S57: a lane with a rate waits its time`() {
    var lanes = lanes(1, rate: RateLimit(intervalMs: 1000, burst: 2))
    submit(0..<3, &lanes)
    for message in 0..<2 {
      #expect(attempt(&lanes) == [0, message])
      lanes.finished(0, .answer(status: 200), nowMs: 0, jitter: 0)
    }
    #expect(waitMs(&lanes) == 1000)
    #expect(attempt(&lanes, 1000) == [0, 2])
  }

  @Test func `a lane is bounded in messages and in bytes`() {
    var lanes = lanes(2)
    submit(0..<999, &lanes)
    #expect(lanes.hasRoom(0))
    submit(999..<1000, &lanes)
    #expect(!lanes.hasRoom(0))
    #expect(lanes.hasRoom(1))
    lanes.submit(0, byteCount: Lanes.bytesMax, to: 1, nowMs: 0)
    #expect(!lanes.hasRoom(1))
    #expect(attempt(&lanes) == [0, 0])
    #expect(attempt(&lanes) == [1, 0])
    for lane in 0..<2 {
      lanes.finished(lane, .answer(status: 200), nowMs: 0, jitter: 0)
      #expect(lanes.hasRoom(lane))
    }
  }

  @Test func `at the end what is left fails, but for what is under way`() {
    var lanes = lanes(2)
    submit(0..<2, &lanes)
    submit(10..<12, &lanes, lane: 1)
    #expect(attempt(&lanes) == [0, 0])
    lanes.abandon()
    #expect(
      outcomes(&lanes) == [
        "1 10 lane 1: not sent, as the time was over",
        "1 11 lane 1: not sent, as the time was over",
      ])
    lanes.finished(0, .answer(status: 200), nowMs: 0, jitter: 0)
    lanes.abandon()
    #expect(outcomes(&lanes) == ["0 0", "0 1 lane 0: not sent, as the time was over"])
    #expect(lanes.isEmpty)
  }
}
