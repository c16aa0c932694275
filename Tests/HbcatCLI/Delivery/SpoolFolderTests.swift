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

@Suite struct SpoolFolderTests {
  @Test func `what is kept comes back in order, and what still fails stays`() throws {
    let folder = try SpoolFolder(Places.temporaryFolder() + "/spool")
    #expect(try folder.keep([entry("1"), entry("2")], for: "a/b ü") == 2)
    #expect(try folder.keep([entry("3")], for: "a/b ü") == 1)
    #expect(try folder.notifications() == ["a/b ü"])
    var seen: [String] = []
    let first = try folder.drain("a/b ü", waitMs: 0) { entries in
      seen = messages(entries)
      return Array(entries.dropFirst())
    }
    #expect(first == .done(brokenLines: 0))
    #expect(seen == ["1", "2", "3"])
    _ = try folder.drain("a/b ü", waitMs: 0) { entries in
      seen = messages(entries)
      return []
    }
    #expect(seen == ["2", "3"])
    #expect(try folder.notifications() == [])
  }

  @Test func `what another process adds while this one delivers is not lost`() throws {
    let folder = try SpoolFolder(Places.temporaryFolder())
    _ = try folder.keep([entry("1"), entry("2")], for: "n")
    _ = try folder.drain("n", waitMs: 0) { entries in
      _ = try? folder.keep([entry("3")], for: "n")
      return Array(entries.suffix(1))
    }
    _ = try folder.drain("n", waitMs: 0) { entries in
      #expect(messages(entries) == ["2", "3"])
      return []
    }
  }

  @Test func `only one at a time delivers what is kept`() throws {
    let folder = try SpoolFolder(Places.temporaryFolder())
    _ = try folder.keep([entry("1")], for: "n")
    _ = try folder.drain("n", waitMs: 0) { entries in
      let other = try? folder.drain("n", waitMs: 30) { _ in [] }
      #expect(other == .busy)
      return entries
    }
    #expect(try folder.notifications() == ["n"])
  }

  @Test func `a line that a kill cut off is counted, and the rest comes through`() throws {
    let path = Places.temporaryFolder()
    let folder = try SpoolFolder(path)
    _ = try folder.keep([entry("1")], for: "n")
    #expect(truncate("\(path)/n.spool", off_t(entry("1").line.count - 5)) == 0)
    _ = try folder.keep([entry("2")], for: "n")
    var seen: [String] = []
    let drained = try folder.drain("n", waitMs: 0) { entries in
      seen = messages(entries)
      return []
    }
    #expect(drained == .done(brokenLines: 1))
    #expect(seen == ["2"])
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
