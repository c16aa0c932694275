import TestSupport
import Testing

@testable import KafkaClient

/// The table against what kcat itself prints for `-X list` (Debian's, with librdkafka 2.0.2).
@Suite(.enabled(if: Places.has("kcat"), "kcat is not installed"))
struct KcatPropertyListTests {
  private struct Row {
    var name: String
    var role: String
    var range: String
    var defaultText: String
    var importance: String
    var type: String
    var isTopics: Bool
  }

  private static func rows() async throws -> [Row] {
    let text = try await run(["kcat", "-X", "list"]).stdout
    var rows: [Row] = []
    var isTopics = false
    for line in text.split(separator: "\n") {
      if line.hasPrefix("## Topic") { isTopics = true }
      // A default of kcat's has bars of its own.
      let cells = line.split(separator: "|").map { $0.filter { $0 != " " } }
      guard cells.count >= 6, cells[0] != "Property", !cells[0].hasPrefix("-") else { continue }
      let type = line.firstRange(of: "*Type: ").map { line[$0.upperBound...].dropLast() } ?? ""
      rows.append(
        Row(
          name: cells[0], role: cells[1], range: cells[2], defaultText: cells[3],
          importance: cells[4], type: String(type), isTopics: isTopics))
    }
    return rows
  }

  /// Where the values that hbcat takes are others, and why.
  private static let otherRanges = [
    "debug": "librdkafka 2.15 has a further context, telemetry",
    "compression.level": "zstd goes up to 22",
    "compression.codec": "one property, the client's and the topic's: inherit is taken for both",
    "compression.type": "as compression.codec",
    "auto.commit.interval.ms": "one property; the client's range is the wider one",
    "offset.store.method": "one property; the client's words are the more",
  ]

  @Test func `every name of kcat's is known, with its type, values, role and importance`()
    async throws
  {
    let rows = try await Self.rows()
    #expect(rows.count > 150)
    for row in rows {
      let property = try #require(PropertyTable.find(row.name), "\(row.name)")
      let isPlaced = row.isTopics ? property.isTopics : property.isGlobal
      // A name without meaning as text has one place only: it is refused in either.
      #expect(isPlaced || row.name == "opaque", "\(row.name)")
      if property.typeText != row.type {
        Issue.record("\(row.name): \(property.typeText), kcat has \(row.type)")
      }
      if Self.otherRanges[row.name] == nil {
        // The order of synonyms means nothing.
        let ours = Set(property.rangeText.filter { $0 != " " }.split(separator: ","))
        #expect(ours == Set(row.range.split(separator: ",")), "\(row.name)")
      }
      let isBothRoles = property.role == .both && property.name == "retry.backoff.ms"
      #expect(property.role.rawValue == row.role || isBothRoles, "\(row.name)")
      if !property.isTopics || !property.isGlobal, row.defaultText.count < 40 {
        #expect(property.importance == row.importance, "\(row.name)")
      }
    }
  }

  @Test func `a default that is not kcat's is told in the table`() async throws {
    // One row here for kcat's two, of which the client's holds; and what is built in.
    let known: Set = [
      "builtin.features", "compression.codec", "auto.commit.interval.ms",
      // True in newer releases of librdkafka.
      "socket.nagle.disable",
      // Refused, so that there is no default.
      "sasl.kerberos.kinit.cmd", "ssl.engine.id",
    ]
    for row in try await Self.rows() {
      let property = try #require(PropertyTable.find(row.name))
      let ours = (property.defaultText ?? "").filter { $0 != " " }
      guard ours != row.defaultText, !known.contains(property.name) else { continue }
      let isTold =
        property.note.contains("librdkafka: \(row.defaultText)")
        || property.note.hasPrefix("unless set")
      #expect(isTold, "\(row.name): \(ours), kcat has \(row.defaultText)")
    }
  }

  @Test func `what kcat refuses is refused in the same words, what it takes is taken`() async throws
  {
    let settings = [
      "foo=1", "acks=5000", "acks=x", "acks=", "acks= all", "linger.ms=-5", "linger.ms=abc",
      "linger.ms=", "socket.timeout.ms=", "socket.timeout.ms=1", "enable.idempotence=yes",
      "enable.idempotence=", "compression.codec=foo", "compression.codec=", "debug=broker,foo",
      "debug=", "error_cb=x", "interceptors=x", "opaque=x", "partitioner=foo", "partitioner=",
      "partitioner=MURMUR2", "builtin.features=foo", "broker.address.family=v7", "log_level=9",
      "=x", "topic.linger.ms=1", "topic.=1", "topic.acks=99999", "topic.compression.codec=foo",
      "topic.foo=1", "ssl_key=x", "retries=-1", "message.timeout.ms=-1", "Client.Id=x",
      "topic.metadata.refresh.interval.ms=-2", "sasl.mechanisms=",
      "ssl.endpoint.identification.algorithm=", "auto.offset.reset=foo", "isolation.level=foo",
      "msg_order_cmp=x", "acks=All", "linger.ms=0.5", "socket.timeout.ms= 100 ",
      "enable.idempotence=TRUE", "compression.codec=GZIP", "compression.codec= gzip",
      "client.id=", "compression.codec=inherit", "debug=BROKER", "debug=,broker", "debug=-broker",
      "partitioner= murmur2", "log_level=0x3", "auto.offset.reset=Earliest", "linger.ms=1e3",
      "security.protocol=SASL_ssl", "queuing.strategy=LIFO", "topic.blacklist=a,b",
      "statistics.interval.ms=100", "enable.auto.commit=t", "builtin.features=zstd",
    ]
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      var set = PropertySet()
      var ours = ""
      do throws(PropertyError) {
        try set.set(String(parts[0]), String(parts[1]))
      } catch { ours = "% ERROR: \(error.description)" }
      let kcat = try await run(["kcat", "-X", setting, "-X", "dump"], environment: ["HOME": "/"])
      // Ranges end with an empty line in kcat, as librdkafka's sentence has its own line end.
      let theirs = kcat.stderr.split(separator: "\n").joined(separator: "\n")
      #expect(ours == theirs, "\(setting)")
      #expect(ours.isEmpty == (kcat.status == 0), "\(setting)")
    }
  }
}
