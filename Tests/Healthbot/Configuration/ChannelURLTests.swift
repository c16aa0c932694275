import Healthbot
import Testing

private func failure(_ text: String) -> String {
  do throws(ChannelURLError) { return "taken: \(try ChannelURL(text))" } catch {
    return error.description
  }
}

@Suite struct ChannelURLTests {
  @Test func `an address is shown without its path`() throws {
    let url = try ChannelURL("https://Hooks.Slack.example:8443/services/T0/secret?x=1")
    #expect("\(url)" == "https://Hooks.Slack.example:8443/…")
    #expect(url.host == "hooks.slack.example")
    #expect(!url.isPlainText)
    #expect(url.refusal(allowsPlainText: false) == nil)
  }

  @Test(arguments: [
    ("hooks.example/x", "it must begin with https://"), ("https:///x", "it has no host"),
    ("file:///etc/passwd", "scheme \"file\": use https://"),
    ("https://u:p@h/x", "it has a user in it; write it under \"basic\" of http-post"),
    ("https://h:0/x", "port \"0\" is not in 1…65535"),
    ("https://h:+1/x", "port \"+1\" is not in 1…65535"),
    ("https://h/\r\nHost: evil", "it has a character that no address has; write it as %XX"),
    ("https://h\\@evil/", "it has a character that no address has; write it as %XX"),
    (
      "http://2130706433/",
      "host \"2130706433\": write an IPv4 address as four decimal numbers, an IPv6 address in brackets"
    ),
    (
      "http://0x7f.1/",
      "host \"0x7f.1\": write an IPv4 address as four decimal numbers, an IPv6 address in brackets"
    ),
    (
      "https://fe80::1/",
      "host \"fe80:\": write an IPv4 address as four decimal numbers, an IPv6 address in brackets"
    ),
    (
      "https://[fe80::1%25eth0]/",
      "host \"fe80::1%25eth0\": write an IPv4 address as four decimal numbers, an IPv6 address in brackets"
    ),
    (
      "http://0177.0.0.1/",
      "host \"0177.0.0.1\": write an IPv4 address as four decimal numbers, an IPv6 address in brackets"
    ),
  ])
  func `S56: what is no plain address is refused`(_ text: String, _ error: String) {
    #expect(failure(text) == error)
  }

  @Test(arguments: [
    ("http://localhost:8080/x", false), ("http://127.0.0.2/x", false), ("http://[::1]:1/x", false),
    ("https://10.0.0.1/x", false), ("http://10.0.0.1/x", true), ("http://localhost.evil/x", true),
    ("http://127.0.0.1.evil/x", true), ("https://169.254.169.254/latest", true),
    ("https://[fe80::1]/x", true), ("https://[::ffff:169.254.169.254]/", true),
    ("https://metadata.google.internal/x", true), ("https://[0:0:0:0:0:ffff:a9fe:a9fe]/", true),
    ("https://[64:ff9b::a9fe:a9fe]/", true), ("https://[fd00:ec2:0::254]/", true),
    ("https://[2001:db8::1]/", false), ("http://[::ffff:127.0.0.1]/", false),
  ])
  func `S56: plain http goes to this machine only, and nothing to the link's addresses`(
    _ text: String, _ isRefused: Bool
  ) throws {
    #expect((try ChannelURL(text).refusal(allowsPlainText: false) != nil) == isRefused)
  }

  @Test func `S56: plain http is allowed on demand, the link's addresses are not`() throws {
    #expect(try ChannelURL("http://10.0.0.1/x").refusal(allowsPlainText: true) == nil)
    #expect(
      try ChannelURL("http://169.254.169.254/x").refusal(allowsPlainText: true)
        == "http://169.254.169.254/…: an address of the link or of a cloud's metadata service gets "
        + "no alarms")
  }
}
