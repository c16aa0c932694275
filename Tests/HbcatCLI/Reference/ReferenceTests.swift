import Healthbot
import TestSupport
import Testing

@testable import HbcatCLI

struct ReferenceTests {
  @Test(arguments: Reference.allCases)
  func `the repository's file is what the tables give`(document: Reference) throws {
    let stored = try #require(Places.contents("\(Places.package)/\(document.path)"))
    #expect(
      String(decoding: stored, as: UTF8.self) == document.text,
      "hbcat reference \(document.rawValue) > \(document.path)")
    #expect(try plan("reference \(document.rawValue)") == .information(document.text))
  }

  @Test func `the man page has its sections in order and every option`() {
    let titles = ManPage.text.split(separator: "\n").filter { $0.hasPrefix(".SH ") }
      .map { String($0.dropFirst(4)) }
    #expect(
      titles == [
        "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SUBCOMMANDS", "FORMAT", "DELIVERY",
        "ALARMS", "NOTIFICATIONS",
        "EXIT STATUS", "PROPERTIES", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO",
      ])
    for row in OptionTable.rows where row.key != .unitTests {
      for name in CompletionTable.spellings(row) {
        #expect(ManPage.text.contains(Roff.bold(name)), "\(name)")
      }
    }
  }

  @Test(.enabled(if: Places.has("groff")))
  func `groff has nothing to say against the man page`() async throws {
    let folder = ScratchFolder()
    let file = folder.write(ManPage.text, to: "hbcat.1")
    let child = try await Shell.run(
      ["groff", "-man", "-ww", "-Tutf8", "-z", file], home: folder)
    try await folder.remove()
    #expect(child.stderr == "")
    #expect(child.status == 0)
  }

  @Test func `roff text cannot become a request`() {
    #expect(Roff.text(".x \\n 'a' -b") == "\\&.x \\en \\(aqa\\(aq \\-b")
  }

  @Test func `the configuration that the man page shows is right`() {
    var reader = ConfigurationReader()
    Array(ManPage.configuration.utf8).withUnsafeBytes { reader.read($0, file: "f") }
    let (configuration, issues) = reader.finish()
    #expect(issues.map(\.description) == [])
    #expect(configuration.notifications.count == 2)
  }

  @Test func `short helps fit a screen, and no line is longer than 80`() {
    let texts =
      [CommandHelp.overview, KcatUsage.text(program: "hbcat")]
      + Command.shown.map(CommandHelp.text)
    for text in texts {
      for line in text.split(separator: "\n")
      where !line.contains("tstype") && !line.hasPrefix("Version ") {
        #expect(line.count <= 80, "\(line)")
      }
    }
    #expect(CommandHelp.overview.split(separator: "\n").count <= 24)
    let long: Set<Command> = [.consume, .produce, .notify, .ingest, .alarms]
    for command in Command.shown where !long.contains(command) {
      #expect(CommandHelp.text(command).split(separator: "\n").count <= 36, "\(command)")
    }
  }

  @Test func `a long help has its options under headings, the program's last`() {
    let titles = CommandHelp.text(.notify).split(separator: "\n").filter { $0.hasSuffix(":") }
    #expect(
      titles == [
        "Alarm:", "Routing and delivery:", "Webhooks, chat and mail:", "Kafka client:", "Program:",
      ])
    let silences = CommandHelp.text(.alarms).split(separator: "Silences:\n").last
    #expect(silences?.hasPrefix("      --silenced ") == true)
  }

  @Test func `each help has all options of its subcommand`() {
    for command in Command.shown {
      for row in OptionTable.rows(of: command) {
        for name in CompletionTable.spellings(row) {
          #expect(CommandHelp.text(command).contains(name), "\(command) \(name)")
        }
      }
    }
  }

  @Test func `kcat's usage begins as kcat's, and -V has the line that scripts look for`() {
    #expect(
      KcatUsage.text(program: "kcat")
        .hasPrefix("Usage: kcat <options> [file1 file2 .. | topic1 topic2 ..]]\n"))
    let line = Version.text.split(separator: "\n").first { $0.hasPrefix("Version ") }
    #expect(line?.contains("builtin.features=") == true)
    #expect(line?.contains("Avro, ") == true)
  }
}
