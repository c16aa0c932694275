import KafkaClient
import Testing

private func list(_ text: String) throws(PropertyError) -> [String] {
  try BootstrapServer.list(text).map(\.description)
}

private func failure(_ text: String) -> String {
  do throws(PropertyError) { return "read: \(try list(text))" } catch { return error.description }
}

@Suite struct BootstrapServerTests {
  @Test(arguments: [
    ("a", ["a:9092"]),
    ("a:1,b:65535", ["a:1", "b:65535"]),
    (" a , ,b:2,", ["a:9092", "b:2"]),
    ("b:1,a:1,b:1,b", ["b:1", "a:1", "b:9092"]),
    (
      "[::1]:9093,[fe80::1%eth0],2001:db8::1",
      ["[::1]:9093", "[fe80::1%eth0]:9092", "[2001:db8::1]:9092"]
    ),
    ("PLAINTEXT://a:1/path", ["a:1"]),
    ("plaintext://[::1]:7", ["[::1]:7"]),
    (":9092", ["localhost:9092"]),
    ("bücher.example", ["bücher.example:9092"]),
    ("127.0.0.1:9092", ["127.0.0.1:9092"]),
  ])
  func `a list is read in order, each server once`(_ text: String, _ servers: [String]) throws {
    #expect(try list(text) == servers)
  }

  @Test(arguments: [
    ("-h:9092", "does not begin with '-'"), ("", "no broker in the list"),
    (" , ", "no broker in the list"),
    ("", "no broker"), ("a:", "\"\" is no port"), ("a:0", "\"0\" is no port"),
    ("a:65536", "is no port"),
    ("a:+1", "is no port"), ("a:9x", "\"9x\" is no port"), ("[::1", "']' is missing"),
    ("[::1]9092", "behind ']'"), ("[a]:1", "only IPv6"), ("a b:1", "  is not allowed"),
    ("a\u{1b}b", "\\u{1B} is not allowed"), ("user@host", "@ is not allowed"),
    ("http://a", "unsupported protocol \"http\""), ("://a", "unsupported protocol \"\""),
    ("SSL://a", "set security.protocol=ssl"), ("a/b", "/ is not allowed"),
    ("plaintext://-a", "no host's name"), ("zz::1::g", "is no IPv6 address"),
    ("1::2::3", "is no IPv6 address"), ("[::1:9092", "']' is missing"),
  ])
  func `what is no server is an error that says why`(_ text: String, _ part: String) {
    #expect(failure(text).contains(part), "\(failure(text))")
    #expect(!failure(text).hasPrefix("read"))
  }

  @Test func `a list has at most a thousand servers`() throws {
    let thousand = (1...1000).map { "h:\($0)" }.joined(separator: ",")
    #expect(try list(thousand).count == 1000)
    #expect(try list(thousand + ",h:1").count == 1000)
    #expect(failure(thousand + ",h:1001").contains("more than 1000 brokers"))
  }
}
