import Healthbot
import Testing

/// The ingests of files, and what is wrong in them.
private func read(_ files: (String, String)...) -> ([KafkaIngest], [String]) {
  var reader = KafkaIngestReader()
  for (name, text) in files {
    Array(text.utf8).withUnsafeBytes { reader.read($0, file: name) }
  }
  let (ingests, issues) = reader.finish()
  return (ingests, issues.map(\.description))
}

@Suite struct KafkaIngestTests {
  /// As Healthbot exports it.
  private let exported = """
    {"ingest": {"byoi": {"custom-plugin": [{"name": "p"}], "default-plugin": {"tlive-kafka-oc": [
      {"name": "edge", "brokers": ["k1:9092, k2:9092", "k3"], "topics": ["a", "^b.*"],
       "@": {"x": 1}, "collector-settings": {},
       "security": {"sasl": {"username": "u", "password": "$9$abc"},
         "tls": {"ca-profile": "corp", "local-certificate-profile": "me"}}},
      {"name": "lab", "brokers": ["l:1"]}]}}, "syslog": {}}}
    """

  @Test func `an exported ingest is read with the secret and the profiles of other files`() throws {
    let (ingests, issues) = read(
      ("/etc/hb/ingest.json", exported),
      ("/etc/hb/secret.yaml", "name: edge\nbrokers: [k9]\nsecurity: {sasl: {password: s3}}\n"),
      (
        "certs/profile.yaml",
        """
        profile:
          security:
            ca-profile: [{name: corp, certificate-authority-crt: ca.crt}]
            local-certificate: [{name: me, client-crt: /x/me.crt, client-key: me.key}]
        """
      ))
    #expect(issues == [])
    #expect(ingests.map(\.name) == ["edge", "lab"])
    let edge = try #require(ingests.first)
    #expect(edge.brokers == ["k9"])
    #expect(edge.topics == ["a", "^b.*"])
    #expect(edge.sasl?.username == "u")
    #expect(edge.sasl?.password.text == "s3")
    #expect(edge.tls?.authorities == "certs/ca.crt")
    #expect(edge.tls?.certificate == "/x/me.crt")
    #expect(edge.tls?.key == "certs/me.key")
    #expect(edge.tls?.skipsVerification == false)
    #expect(ingests[1].sasl == nil && ingests[1].tls == nil && ingests[1].topics.isEmpty)
  }

  @Test func `an item's comma list of brokers is taken apart`() {
    let (ingests, issues) = read(
      ("f", #"{"tlive-kafka-oc": [{"name": "n", "brokers": ["k1:9092, k2:9092", "k3"]}]}"#))
    #expect(issues == [])
    #expect(ingests.first?.brokers == ["k1:9092", "k2:9092", "k3"])
  }

  @Test func `what is wrong is told with its place and the nearest name`() {
    #expect(
      read(("f.yaml", "tlive-kafka-oc:\n- name: n\n  brokers: []\n  topic: [t]\n")).1 == [
        "f.yaml:4: tlive-kafka-oc \"n\": unknown key \"topic\"; did you mean \"topics\"?",
        "f.yaml:3: tlive-kafka-oc \"n\": brokers names no broker; give it a list of host:port",
      ])
    #expect(
      read(("f", exported)).1.contains { $0.contains("sasl: password begins with $9$") })
    #expect(
      read(
        (
          "f",
          "name: n\nbrokers: [k]\nsecurity: {tls: {ca-profile: corq}}\n---\n"
            + "ca-profile: [{name: corp, certificate-authority-crt: c.crt}]"
        )
      ).1 == [
        "f:3: tlive-kafka-oc \"n\": tls: there is no ca-profile \"corq\" in the files; did you mean "
          + "\"corp\"?"
      ])
    #expect(
      read(("f", "tlive-kafka-oc: [{brokers: [k]}]")).1 == [
        "f:1: an item of tlive-kafka-oc has no name"
      ])
    #expect(read(("f", "[1]")).1 == ["f:1: a configuration must be a map, not a list"])
  }
}
