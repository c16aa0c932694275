import Glibc
import Healthbot
import TestSupport
import Testing

@testable import HbcatCLI

private func entry(_ message: String) -> SpoolEntry {
  let alarm = Alarm(
    deviceID: "d", group: "g", message: message, rule: "r", severity: .major, topic: "t",
    trigger: "x")
  return SpoolEntry(.slack, AlarmBatch(alarm), timeMs: 1)
}

private func messages(_ entries: [SpoolEntry]) -> [String] {
  entries.flatMap { $0.batch.kept.map(\.message) }
}

extension SpoolFolder {
  /// Begins a turn that must be to be had.
  fileprivate func turn(_ name: String) throws -> Turn {
    guard case .turn(let turn) = try begin(name, waitMs: 0) else {
      throw DurableFile.Failure(path: path, what: "begin", code: EBUSY)
    }
    return turn
  }
}

@Suite struct SpoolFolderTests {
  @Test func `what is kept comes back in order, and what still fails stays`() throws {
    let folder = try SpoolFolder(Places.temporaryFolder() + "/spool")
    #expect(try folder.keep([entry("1"), entry("2")], for: "a/b ü") == 2)
    #expect(try folder.keep([entry("3")], for: "a/b ü") == 1)
    #expect(try folder.notifications() == ["a/b ü"])
    do {
      let turn = try folder.turn("a/b ü")
      #expect(turn.brokenCount == 0)
      #expect(messages(turn.entries) == ["1", "2", "3"])
      try folder.end(turn, keeping: Array(turn.entries.dropFirst()))
    }
    do {
      let turn = try folder.turn("a/b ü")
      #expect(messages(turn.entries) == ["2", "3"])
      try folder.end(turn, keeping: [])
    }
    #expect(try folder.notifications() == [])
  }

  @Test func `what another process adds while this one delivers is not lost`() throws {
    let folder = try SpoolFolder(Places.temporaryFolder())
    _ = try folder.keep([entry("1"), entry("2")], for: "n")
    do {
      let turn = try folder.turn("n")
      _ = try folder.keep([entry("3")], for: "n")
      try folder.end(turn, keeping: [entry("2")])
    }
    #expect(messages(try folder.turn("n").entries) == ["2", "3"])
  }

  @Test func `only one at a time delivers what is kept`() throws {
    let folder = try SpoolFolder(Places.temporaryFolder())
    _ = try folder.keep([entry("1")], for: "n")
    try withExtendedLifetime(try folder.turn("n")) {
      guard case .busy = try folder.begin("n", waitMs: 30) else {
        Issue.record("two have the turn")
        return
      }
    }
    #expect(messages(try folder.turn("n").entries) == ["1"])
  }

  @Test func `a line that a kill cut off is counted, and the rest comes through`() throws {
    let path = Places.temporaryFolder()
    let folder = try SpoolFolder(path)
    _ = try folder.keep([entry("1")], for: "n")
    #expect(truncate("\(path)/n.spool", off_t(entry("1").line.count - 5)) == 0)
    _ = try folder.keep([entry("2")], for: "n")
    let turn = try folder.turn("n")
    #expect(turn.brokenCount == 1)
    #expect(messages(turn.entries) == ["2"])
    try folder.end(turn, keeping: turn.entries)
    #expect(Places.contents("\(path)/n.spool") == turn.entries.flatMap(\.line))
  }

  @Test func `a full spool takes no more`() throws {
    let path = Places.temporaryFolder()
    let folder = try SpoolFolder(path)
    _ = try folder.keep([entry("1")], for: "n")
    #expect(truncate("\(path)/n.spool", off_t(SpoolFolder.bytesMax - 300)) == 0)
    #expect(try folder.keep([entry("2"), entry("3")], for: "n") == 1)
    #expect(try folder.keep([entry("4")], for: "n") == 0)
  }

  @Test func `a folder that cannot be made, and a link in a file's place, are errors`() throws {
    #expect(throws: DurableFile.Failure.self) { try SpoolFolder("/proc/none/spool") }
    let path = Places.temporaryFolder()
    #expect(symlink("/etc/passwd", "\(path)/n.spool") == 0)
    let folder = try SpoolFolder(path)
    #expect(throws: DurableFile.Failure.self) { try folder.keep([entry("1")], for: "n") }
  }
}
