import Glibc
import TestSupport
import Testing

/// Where passwords come from, and where they must not be seen.
@Suite struct SecretTests {
  private static let properties = [
    "-X", "security.protocol=sasl_plaintext", "-X", "sasl.mechanism=PLAIN", "-X",
    "sasl.username=alice",
  ]

  @Test func `S34: no password stays on the command line for ps to show`() async throws {
    let silent = Peer()
    let child = try Child(
      [Places.hbcat, "-b", silent.address, "-L", "-m", "60", "-Xsasl.password=hunter2"]
        + Self.properties + ["-X", "ssl.key.password=swordfish"])
    let hidden = await eventually {
      let shown = String(
        decoding: Places.contents("/proc/\(child.pid)/cmdline") ?? [], as: UTF8.self)
      return shown.contains("sasl.password=***") && shown.contains("ssl.key.password=***")
        && !shown.contains("hunter2") && !shown.contains("swordfish")
        && shown.contains("sasl.username=alice")
    }
    #expect(hidden)
    child.signal(SIGKILL)
    _ = await child.end(within: 10)
  }

  @Test func `S36: a configuration file with a password that others can read is warned of`()
    async throws
  {
    let path = Places.temporaryFolder() + "/hbcat.conf"
    let file = try #require(fopen(path, "w"))
    fputs("sasl.password=hunter2\n", file)
    fclose(file)
    chmod(path, 0o644)
    let loose = try await run([Places.hbcat, "-F", path, "-X", "dump"])
    #expect(loose.status == 0)
    #expect(
      loose.stderr.contains(
        "% WARNING: \(path) holds a secret and has mode 644, so that others can read it"))
    // S38: and is shown nowhere.
    #expect(loose.stdout.contains("\nsasl.password = [redacted]\n"))
    #expect(!(loose.stdout + loose.stderr).contains("hunter2"))
    chmod(path, 0o600)
    let tight = try await run([Places.hbcat, "-F", path, "-X", "dump"])
    #expect(!tight.stderr.contains("WARNING"), "\(tight.stderr)")
  }

  @Test func `S37: a configuration file in the current folder is not read`() async throws {
    let folder = Places.temporaryFolder()
    for name in ["hbcat.conf", "kcat.conf", ".hbcat.conf", ".kcat.conf", "kafkacat.conf"] {
      let file = try #require(fopen("\(folder)/\(name)", "w"))
      fputs("client.id=from-here\n", file)
      fclose(file)
    }
    let result = try await run(
      ["sh", "-c", "cd '\(folder)' && HOME=/nowhere '\(Places.hbcat)' -X dump"])
    #expect(result.status == 0)
    #expect(result.stdout.contains("\nclient.id = rdkafka\n"))
  }

  /// Runs hbcat with a terminal of its own, types `typed` at the prompt, and prints what the terminal
  /// showed, whether it echoed before, at and after the prompt, and how hbcat ended.
  private static let script = """
    import os, pty, re, sys, termios, time
    typed = sys.argv[1].encode().decode("unicode_escape").encode()
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(sys.argv[2], sys.argv[2:])
    echo = lambda: bool(termios.tcgetattr(fd)[3] & termios.ECHO)
    out, asked, at = b"", False, None
    while True:
        try:
            block = os.read(fd, 4096)
        except OSError:
            break
        if not block:
            break
        out += block
        if b"Password of alice: " in out and not asked:
            asked = True
            at = echo()
            os.write(fd, typed)
    status = os.waitpid(pid, 0)[1]
    print(repr(out.decode()), "echo", at, "status", os.waitstatus_to_exitcode(status))
    """

  private func ask(_ typed: String) async throws -> String {
    let result = try await run(
      ["python3", "-c", Self.script, typed, Places.hbcat, "-b", "127.0.0.1:1", "-L", "-m", "1"]
        + Self.properties, within: 30)
    return result.stdout + result.stderr
  }

  @Test(.enabled(if: Places.has("python3"), "needs python3"))
  func `a password that is not given is asked for, without an echo`() async throws {
    let shown = try await ask("hunter2\\n")
    #expect(shown.contains("Password of alice: "), "\(shown)")
    #expect(shown.contains("echo False status 1"), "\(shown)")
    // It went on to the broker, which is not there.
    #expect(shown.contains("Connection refused"), "\(shown)")
    #expect(!shown.contains("hunter2"))
  }

  @Test(.enabled(if: Places.has("python3"), "needs python3"))
  func `a signal at the prompt ends hbcat as a signal does`() async throws {
    let shown = try await ask("hunt\\x03")
    #expect(shown.contains("echo False status -2"), "\(shown)")
    #expect(!shown.contains("hunt'"))
  }

  @Test func `without a terminal a missing password is one line that names the ways`() async throws
  {
    let result = try await run(
      ["setsid", "--wait", Places.hbcat, "-b", "127.0.0.1:1", "-L"] + Self.properties, within: 30)
    #expect(result.status == 1)
    let lines = result.stderr.split(separator: "\n")
    #expect(lines.count == 1, "\(result.stderr)")
    #expect(lines.first?.contains("`sasl.password` must be set for sasl.mechanism=PLAIN") == true)
    #expect(lines.first?.contains("--password-file") == true)
  }
}
