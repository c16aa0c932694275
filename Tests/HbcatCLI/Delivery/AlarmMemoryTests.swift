import Glibc
import Healthbot
import TestSupport
import Testing

@testable import HbcatCLI

private func alarm(_ severity: Alarm.Severity, _ device: String = "d") -> Alarm {
  Alarm(
    deviceID: device, group: "g", message: "m", rule: "r", severity: severity, topic: "t",
    trigger: "x")
}

/// A memory, and what it was told of broken lines.
private func memory(_ path: String?, isReadOnly: Bool = false) throws -> (AlarmMemory, Int) {
  var rules = Transitions.Rules()
  rules.onlyChanges = true
  var broken = 0
  let memory = try AlarmMemory(rules, file: path, isReadOnly: isReadOnly) { broken = $0 }
  return (memory, broken)
}

extension AlarmMemory {
  fileprivate func asks(_ alarm: Alarm) -> Bool {
    isToBeSent(
      alarm.severity, AlarmIdentity(of: alarm), suppressesInitialNormal: true, nowMs: 1000)
  }
}

@Suite struct AlarmMemoryTests {
  @Test func `what was sent is known to the next run`() throws {
    let path = Places.temporaryFolder() + "/state"
    let (first, _) = try memory(path)
    #expect(first.asks(alarm(.major)))
    #expect(!first.asks(alarm(.major)))
    #expect(!first.asks(alarm(.normal, "e")))
    try first.commit()
    let (second, _) = try memory(path)
    #expect(!second.asks(alarm(.major)))
    #expect(second.asks(alarm(.normal)))
  }

  @Test func `what is not written did not happen, as after a kill`() throws {
    let path = Places.temporaryFolder() + "/state"
    #expect(try memory(path).0.asks(alarm(.major)))
    #expect(try memory(path).0.asks(alarm(.major)))
  }

  @Test func `what failed is news again, in the stream and to the next run`() throws {
    let path = Places.temporaryFolder() + "/state"
    for file in [path, nil] {
      let (first, _) = try memory(file)
      #expect(first.asks(alarm(.major)))
      #expect(first.asks(alarm(.minor, "e")))
      first.failed(AlarmIdentity(of: alarm(.major)))
      try first.commit()
      #expect(first.asks(alarm(.major)))
      #expect(!first.asks(alarm(.minor, "e")))
    }
    let (second, _) = try memory(path)
    #expect(second.asks(alarm(.major)))
    #expect(!second.asks(alarm(.minor, "e")))
  }

  @Test func `without a file what failed is news at once, since nothing is written`() throws {
    let (memory, _) = try memory(nil)
    #expect(memory.asks(alarm(.major)))
    memory.failed(AlarmIdentity(of: alarm(.major)))
    #expect(memory.asks(alarm(.major)))
    #expect(!memory.asks(alarm(.major)))
  }

  @Test func `several writers add to one file, and a torn line is passed over`() throws {
    let path = Places.temporaryFolder() + "/state"
    let (first, _) = try memory(path)
    let (second, _) = try memory(path)
    #expect(first.asks(alarm(.major, "a")))
    try first.commit()
    #expect(second.asks(alarm(.major, "b")))
    try second.commit()
    // What the first wrote is known to the second now, and a kill cuts off what comes behind.
    #expect(!second.asks(alarm(.major, "a")))
    let file = try #require(fopen(path, "a"))
    fputs("{\"alarm\": {\"dev", file)
    fclose(file)
    let (third, broken) = try memory(path)
    #expect(broken == 0)
    #expect(third.asks(alarm(.minor, "a")))
    try third.commit()
    let (fourth, brokenNow) = try memory(path)
    #expect(brokenNow == 1)
    #expect(!fourth.asks(alarm(.minor, "a")))
    #expect(!fourth.asks(alarm(.major, "b")))
  }

  @Test func `the file stays small, and who had it open sees the new one`() throws {
    let path = Places.temporaryFolder() + "/state"
    let (first, _) = try memory(path)
    let (second, _) = try memory(path)
    for round in 0..<1200 {
      #expect(first.asks(alarm(round % 2 == 0 ? .major : .minor)))
      try first.commit()
    }
    let lines = try #require(Places.contents(path)).count { $0 == UInt8(ascii: "\n") }
    #expect(lines < 1100)
    #expect(second.asks(alarm(.major, "e")))
    try second.commit()
    #expect(!second.asks(alarm(.minor)))
  }

  @Test func `a dry run reads the state and makes no file`() throws {
    let path = Places.temporaryFolder() + "/state"
    let (dry, _) = try memory(path, isReadOnly: true)
    #expect(dry.asks(alarm(.major)))
    try dry.commit()
    #expect(!Places.exists(path))
  }
}
