import TestSupport
import Testing

/// The alarm and its clear, published and followed, on each broker.
@Suite(.serialized, .clusters) struct NotifyTests {
  static let topic = "ptp.mx960-1.protocol.ptp.ptp-lock-status.ptp-lock-status"

  static func line(_ severity: String, _ message: String) -> String {
    "{\"device-id\": \"mx960-1\", \"group\": \"ptp\", \"keys\": {\"_instance_id\": "
      + "\"[\\\"ptp-test\\\"]\", \"_playbook_name\": \"ptp-playbook\"}, \"message\": \"\(message)\", "
      + "\"rule\": \"ptp-lock-status\", \"severity\": \"\(severity)\", \"topic\": \"protocol.ptp\", "
      + "\"trigger\": \"ptp-lock-status\"}\n"
  }

  static func arguments(_ severity: String, _ message: String) -> [String] {
    [
      "notify", "--group", "ptp", "--device", "mx960-1", "--topic", "protocol.ptp", "--rule",
      "ptp-lock-status", "--trigger", "ptp-lock-status", "--severity", severity, "--message",
      message, "--key", "_playbook_name=ptp-playbook", "--key",
      "_instance_id=[\"ptp-test\"]",
    ]
  }

  @Test(arguments: Target.available)
  func `an alarm and its clear go to the automatic topic and are followed`(
    _ target: Target
  ) async throws {
    let bench = try await Bench(target)
    let major = "Slave Clock is not Phase Aligned with the Master Clock - 2"
    let raised = try await run(
      [Places.hbcat, "-b", bench.bootstrap] + Self.arguments("major", major))
    #expect(raised.status == 0, "\(raised.stderr)")
    let follower = try Child(
      [Places.hbcat, "-b", bench.bootstrap, "-t", Self.topic], terminal: .input)
    #expect(await eventually { follower.stderr.contains("at offset 1\n") })
    #expect(follower.stdout == Self.line("major", major))
    let cleared = try await run(
      [Places.hbcat, "healthbot-notify", "-b", bench.bootstrap]
        + Self.arguments("normal", "Phase Aligned").dropFirst())
    #expect(cleared.status == 0, "\(cleared.stderr)")
    #expect(await eventually { follower.stderr.contains("at offset 2\n") })
    follower.signal(15)
    let end = await follower.end(within: 10)
    #expect(end.status == 0)
    #expect(end.stdout == Self.line("major", major) + Self.line("normal", "Phase Aligned"))
    #expect(
      end.stderr == """
        % Auto-selecting Consumer mode (use -P or -C to override)
        % Reached end of topic \(Self.topic) [0] at offset 1
        % Reached end of topic \(Self.topic) [0] at offset 2

        """)
  }

  @Test func `lines that are no alarms are reported and the others go out`() async throws {
    let bench = try await Bench(.embedded)
    let topic = bench.topic("fixed")
    let input = Self.line("major", "a") + "{\"device-id\": 1}\n" + Self.line("minor", "b")
    let result = try await bench.hbcat("notify", "--to", topic, input: Array(input.utf8))
    #expect(result.status == 1)
    #expect(result.stderr.contains("line 2, column "))
    let read = try await bench.hbcat("-C", "-t", topic, "-e", "-q")
    #expect(read.stdout == Self.line("major", "a") + Self.line("minor", "b"))
  }

  @Test func `a name that Kafka would refuse is refused before anything is sent`() async throws {
    let bench = try await Bench(.embedded)
    var arguments = Self.arguments("major", "x")
    arguments[4] = "mx/960"
    let refused = try await run([Places.hbcat, "-b", bench.bootstrap] + arguments)
    #expect(refused.status != 0)
    #expect(refused.stderr.contains("'/'"))
    let mended = try await run(
      [Places.hbcat, "-b", bench.bootstrap] + arguments + ["--sanitize"])
    #expect(mended.status == 0, "\(mended.stderr)")
    #expect(mended.stderr.contains("ptp.mx_960.protocol.ptp.ptp-lock-status.ptp-lock-status"))
    let read = try await bench.hbcat(
      "-C", "-t", "ptp.mx_960.protocol.ptp.ptp-lock-status.ptp-lock-status", "-e", "-q")
    #expect(read.stdout.contains("\"device-id\": \"mx/960\""))
  }
}
