import TestSupport
import Testing
import Transport

@testable import KafkaClient

/// That no property which is said to be honoured is parsed and then forgotten.
@Suite struct HonouredPropertyTests {
  /// What must be set as well so that a property has an effect.
  private static func companions(of name: String) -> [(String, String)] {
    let plain = [("security.protocol", "sasl_ssl"), ("sasl.mechanism", "PLAIN")]
    let account = [("sasl.username", "u"), ("sasl.password", "p")]
    let oauth = [("security.protocol", "sasl_ssl"), ("sasl.mechanism", "OAUTHBEARER")]
    let unsecured = [
      ("enable.sasl.oauthbearer.unsecure.jwt", "true"),
      ("sasl.oauthbearer.config", "principal=u"),
    ]
    switch name {
    case "sasl.password", "sasl.username", "sasl.mechanisms": return plain + account
    case "sasl.jaas.config": return plain
    case "enable.sasl.oauthbearer.unsecure.jwt": return oauth
    case "sasl.oauthbearer.config": return oauth + unsecured
    case let name where name.hasPrefix("sasl.oauthbearer.") || name.hasPrefix("https."):
      return oauth + [
        ("sasl.oauthbearer.method", "oidc"), ("sasl.oauthbearer.client.id", "c"),
        ("sasl.oauthbearer.client.secret", "s"),
        ("sasl.oauthbearer.token.endpoint.url", "https://h/t"),
      ]
    case let name where name.hasPrefix("sasl.kerberos."):
      return [("security.protocol", "sasl_ssl"), ("sasl.mechanism", "GSSAPI")]
    case let name where name.contains("ssl."): return [("security.protocol", "ssl")]
    case "compression.level": return [("compression.codec", "gzip")]
    case "transaction.timeout.ms": return [("transactional.id", "t")]
    case "group.remote.assignor": return [("group.protocol", "consumer")]
    default: return []
    }
  }

  /// A value that is neither the default nor a companion's.
  private static func value(of property: Property) -> String {
    switch property.name {
    case "metadata.broker.list": return "h:1"
    case "broker.version.fallback": return "0.10.1"
    case "partition.assignment.strategy": return "cooperative-sticky"
    case "sasl.mechanisms": return "SCRAM-SHA-256"
    case "sasl.jaas.config":
      return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" "
        + "password=\"p\";"
    case "sasl.oauthbearer.config": return "principal=v"
    case "sasl.oauthbearer.extensions": return "a=b"
    case "sasl.oauthbearer.token.endpoint.url": return "https://other/t"
    case "fetch.max.bytes": return "3000000"
    case "receive.message.max.bytes": return "200000000"
    case "reconnect.backoff.ms": return "50"
    case "retry.backoff.ms": return "50"
    case "max.poll.interval.ms": return "400000"
    case "message.timeout.ms": return "50000"
    case "socket.timeout.ms": return "50000"
    case "debug": return "msg"
    case "metadata.max.age.ms": return "1000"
    case "buffer.memory": return "16384000"
    default: break
    }
    switch property.kind {
    case .bool: return property.defaultText == "true" ? "false" : "true"
    case .integer(let range, _, _):
      let initial = property.defaultText.flatMap { Int64($0) } ?? range.lowerBound
      return String(initial < range.upperBound ? initial + 1 : initial - 1)
    case .decimal: return "7"
    case .oneOf(let words, _), .flags(let words), .name(let words):
      return words.first { $0 != property.defaultText } ?? ""
    case .patterns, .text, .secret, .callback, .inner: return "x"
    }
  }

  /// All that a client makes of its properties, or why it cannot.
  private static func outcome(_ pairs: [(String, String)]) throws -> String {
    var set = PropertySet()
    for (name, value) in pairs { try set.set(name, value) }
    var text = ""
    func add<T>(_ body: () throws(PropertyError) -> T) {
      do throws(PropertyError) { text += "\(try body())\n" } catch { text += "\(error)\n" }
    }
    add { () throws(PropertyError) in try set.client }
    add { () throws(PropertyError) in try set.client.tls?.keyPassword }
    add { () throws(PropertyError) in try set.client.tls?.keystorePassword }
    add { () throws(PropertyError) in try set.producer }
    add { () throws(PropertyError) in try set.consumer }
    add { () throws(PropertyError) in try set.group }
    add { () in set.logFilter }
    return text
  }

  @Test func `setting it changes the configuration`() throws {
    for property in PropertyTable.rows {
      guard case .honoured = property.effect else { continue }
      // A secret is shown nowhere: with it and without it are told apart.
      let isSecret = if case .secret = property.kind { true } else { false }
      let companions = Self.companions(of: property.name).filter {
        !($0.0 == property.name && (isSecret || property.name == "sasl.oauthbearer.method"))
      }
      let value = Self.value(of: property)
      #expect(
        try Self.outcome(companions) != Self.outcome(companions + [(property.name, value)]),
        "\(property.name)=\(value)")
    }
  }

  @Test func `every field of a configuration is read somewhere`() async throws {
    let sources = Places.package + "/Sources"
    let found = try await run([
      "grep", "-rhoE", "--include=*.swift", "--exclude-dir=Properties", "\\.[a-z][A-Za-z0-9]*",
      sources,
    ])
    let words = Set(found.stdout.split(separator: "\n").map { $0.dropFirst() })
    #expect(words.count > 1000)
    let all: [Any] = [
      ClientConfiguration(), ProducerConfiguration(), ConsumerConfiguration(), GroupConfiguration(),
      SASLConfiguration(.plain), SocketOptions(), LogFilter(),
    ]
    for configuration in all {
      for field in Mirror(reflecting: configuration).children {
        let name = try #require(field.label)
        #expect(words.contains(Substring(name)), "\(type(of: configuration)).\(name) is not read")
      }
    }
  }
}
