import Glibc
import TestSupport
import Testing

@testable import HbcatCLI

/// The program itself, as far as it needs no broker.
@Suite(.enabled(if: Places.exists(Places.hbcat)))
struct ProgramTests {
  @Test func `-V and --help go to stdout, and are 0`() async throws {
    let version = try await run([Places.hbcat, "-V"])
    #expect(version.stdout == Version.text)
    #expect(version.stderr == "")
    #expect(version.status == 0)
    let help = try await run([Places.hbcat, "--help"])
    #expect(help.stdout == CommandHelp.overview)
    #expect(help.status == 0)
  }

  @Test func `a mistake is one line on stderr, 1 as kcat and 2 as a subcommand`() async throws {
    let kcat = try await run([Places.hbcat, "-A"])
    #expect(kcat.stderr == "Error: unknown argument -A (try 'hbcat -h')\n")
    #expect(kcat.stdout == "")
    #expect(kcat.status == 1)
    let list = try await run([Places.hbcat, "list", "--jsn"])
    #expect(
      list.stderr
        == "% ERROR: unknown option --jsn; did you mean --json? (try 'hbcat list --help')\n")
    #expect(list.status == 2)
  }

  @Test func `a link called kcat speaks kcat's dialect`() async throws {
    let folder = ScratchFolder()
    #expect(symlink(Places.hbcat, folder.path + "/kcat") == 0)
    let result = try await run([folder.path + "/kcat", "--help"])
    #expect(result.stderr == "Error: unknown argument --help (try 'kcat -h')\n")
    #expect(result.status == 1)
    try await folder.remove()
  }

  @Test(arguments: ["kcat", "kafkacat"])
  func `a link by kcat's name has no subcommands and reads no file of hbcat's`(_ name: String)
    async throws
  {
    let folder = ScratchFolder()
    let link = folder.path + "/" + name
    #expect(symlink(Places.hbcat, link) == 0)
    #expect(mkdir(folder.path + "/.config", 0o755) == 0)
    _ = folder.write("client.id=own\n", to: ".config/hbcat.conf")
    _ = folder.write("client.id=kcat\n", to: ".config/kcat.conf")
    let environment = ["HOME": folder.path, "HBCAT_CONFIG": "/nowhere", "KCAT_CONFIG": ""]
    let dump = try await run([link, "-X", "dump"], environment: environment)
    #expect(dump.stdout.contains("\nclient.id = kcat\n"))
    #expect(dump.stderr == "" && dump.status == 0)
    let list = try await run([link, "list", "-b", "127.0.0.1:1"], environment: environment)
    #expect(list.stderr.hasSuffix("Error: -t <topic> missing (try '\(name) -h')\n"))
    #expect(list.status == 1)
    let version = try await run([link, "-V"])
    #expect(version.stdout.split(separator: "\n").contains { $0.hasPrefix("Version ") })
    #expect(version.status == 0)
    let help = try await run([link, "-h"])
    #expect(help.stdout.hasPrefix("Usage: \(name) <options>"))
    try await folder.remove()
  }

  @Test func `a full disk is an error, a closed pipe is none`() async throws {
    let full = try await run(["sh", "-c", "\"$0\" -h > /dev/full", Places.hbcat])
    #expect(full.stderr.hasPrefix("% ERROR: "))
    #expect(full.status == 1)
    let closed = try await run(["sh", "-c", "(\"$0\" -h; echo $? >&2) | true", Places.hbcat])
    #expect(closed.stderr == "0\n")
  }

  @Test func `a configuration file is read from the disk`() async throws {
    let folder = ScratchFolder()
    let file = folder.write("bootstrap.servers\n", to: "a.conf")
    let bad = try await run([Places.hbcat, "-L", "-F", file])
    #expect(
      bad.stderr == "% Reading configuration from file \(file)\n"
        + "% ERROR: \(file):1: expected property=value\n")
    #expect(bad.status == 1)
    let folderAsFile = try await run([Places.hbcat, "list", "-F", folder.path])
    #expect(folderAsFile.stderr == "% ERROR: Failed to open \(folder.path): Is a directory\n")
    #expect(folderAsFile.status == 1)
    try await folder.remove()
  }

  @Test func `colour is for terminals, and NO_COLOR takes it away`() async throws {
    let words = [Places.hbcat, "list"]
    let colour = try await run(
      words, terminal: .all, environment: ["TERM": "xterm", "NO_COLOR": "", "HOME": "/nowhere"])
    #expect(colour.stdout.hasPrefix("% \u{1b}[1;31mERROR:\u{1b}[0m no broker"))
    let plain = try await run(
      words, terminal: .all, environment: ["TERM": "xterm", "NO_COLOR": "1", "HOME": "/nowhere"])
    #expect(plain.stdout.hasPrefix("% ERROR: no broker"))
  }
}
