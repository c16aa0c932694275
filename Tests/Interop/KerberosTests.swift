import Glibc
import TestSupport
import Testing

/// GSSAPI against real Kafka and MIT's KDC, in a realm of the suite's own.
@Suite(
  .serialized,
  .enabled(if: RealKafka.isSecureAvailable, "\(RealKafka.secureNeed)"),
  .enabled(if: KerberosRealm.isAvailable, "\(KerberosRealm.need)"), .realm)
struct KerberosTests {
  private func hbcat(
    _ listener: String, _ properties: [String], _ arguments: [String], input: String = "",
    environment: [String: String] = [:]
  ) async throws -> CommandResult {
    let (realm, kafka) = try #require(RealmTrait.current, "the suite has the trait .realm")
    let protocolName = listener == "SASLTLS" ? "sasl_ssl" : "sasl_plaintext"
    let all =
      [
        "security.protocol=\(protocolName)", "sasl.mechanism=GSSAPI",
        "ssl.ca.location=\(kafka.tlsFile("ca.pem"))",
      ] + properties
    return try await run(
      [Places.hbcat, "-b", kafka.listener(listener)] + all.flatMap { ["-X", $0] } + arguments,
      input: Array(input.utf8), environment: realm.environment.merging(environment) { $1 },
      within: 60)
  }

  private func keytab(_ user: String) throws -> [String] {
    let (realm, _) = try #require(RealmTrait.current)
    return ["sasl.kerberos.keytab=\(realm.keytab(user))"]
  }

  @Test(arguments: ["SASL", "SASLTLS"])
  func `a keytab logs in, produces and consumes, with TLS and without`(listener: String)
    async throws
  {
    let properties = try keytab("alice") + ["sasl.kerberos.principal=alice"]
    let sent = try await hbcat(
      listener, properties, ["-P", "-t", "kerberos"], input: "by \(listener)\n")
    #expect(sent.status == 0, "\(sent.stderr)")
    let read = try await hbcat(listener, properties, ["-C", "-t", "kerberos", "-e", "-q"])
    #expect(read.status == 0, "\(read.stderr)")
    #expect(read.stdout.contains("by \(listener)\n"))
    #expect(read.stderr.isEmpty, "\(read.stderr)")
  }

  @Test func `F74: without a ticket, and with a service that is unknown, there is one line`()
    async throws
  {
    // A cache of its own: what logs in by a keytab leaves its ticket in the default one, as kinit does.
    let folder = Places.temporaryFolder()
    let none = try await hbcat(
      "SASL", [], ["-L", "-q"], environment: ["KRB5CCNAME": "\(folder)/none.cache"])
    let strange = try await hbcat(
      "SASL", try keytab("alice") + ["sasl.kerberos.service.name=nobody"], ["-L", "-q"])
    for (result, words) in [(none, "No Kerberos credentials"), (strange, "nobody/127.0.0.1")] {
      #expect(result.status == 1)
      #expect(result.stderr.split(separator: "\n").count == 1, "\(result.stderr)")
      #expect(result.stderr.contains("SASL GSSAPI: "), "\(result.stderr)")
      #expect(result.stderr.contains(words), "\(result.stderr)")
    }
  }
}

/// Gives a suite a Kerberos realm and a real cluster whose SASL listeners take its tickets.
struct RealmTrait: SuiteTrait, TestScoping {
  @TaskLocal static var current: (realm: KerberosRealm, kafka: RealKafka)?

  @concurrent func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    let realm = try await KerberosRealm.start()
    let result: Result<Void, any Error>
    do {
      let login =
        "com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true storeKey=true "
        + "keyTab=\"\(realm.keytab("kafka"))\" principal=\"kafka/127.0.0.1@\(KerberosRealm.name)\";"
      let settings = ["sasl", "sasltls"].flatMap {
        [
          "listener.name.\($0).sasl.enabled.mechanisms=GSSAPI",
          "listener.name.\($0).gssapi.sasl.jaas.config=\(login)",
          "listener.name.\($0).sasl.kerberos.service.name=kafka",
        ]
      }
      try await RealKafka.with(
        "4.3.1", topics: ["kerberos:1"], settings: settings, secure: true,
        environment: realm.javaEnvironment
      ) { kafka in
        try await Self.$current.withValue((realm, kafka)) { try await function() }
      }
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await realm.stop()
    try result.get()
  }
}

extension Trait where Self == RealmTrait {
  /// A Kerberos realm and a cluster of one broker in it.
  static var realm: Self { RealmTrait() }
}
