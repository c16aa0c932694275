import Healthbot
import Testing

@testable import HbcatCLI

private func ingestPlan(_ line: String, _ fixture: CommandLineFixture = CommandLineFixture())
  throws -> IngestPlan
{
  guard case .ingest(let plan) = try fixture.plan("ingest " + line) else { throw NoIngest() }
  return plan
}

private struct NoIngest: Error {}

@Suite struct IngestPlanTests {
  private let need = "--rules r --name n --group g"

  @Test func `options make a plan whose alarms go to the cluster of the telemetry`() throws {
    let plan = try ingestPlan(
      "\(need) --rules s -b h -t a -t ^b --variable v=1=2 --engine-state f --to alarms --sanitize "
        + "--state st --spool sp --transitions --strict -e")
    #expect(plan.rules == ["r", "s"])
    #expect(plan.topics == ["a", "^b"])
    #expect(plan.variables == ["v": "1=2"])
    #expect((plan.name, plan.group, plan.engineState) == ("n", "g", "f"))
    #expect(plan.isStrict && plan.exitAtEnd && !plan.listsRules)
    #expect(plan.client.value(of: "group.id") == "n")
    #expect(plan.delivery.client.value(of: "bootstrap.servers") == "h")
    #expect(plan.delivery.client.value(of: "group.id") == nil)
    #expect(plan.delivery.topic?.description == "alarms")
    #expect(plan.delivery.sanitizes && plan.delivery.transitions.onlyChanges)
    #expect(plan.delivery.stateFile == "st" && plan.delivery.spoolFolder == "sp")
  }

  @Test func `an ingest of Healthbot's names brokers, topics and security, and options win`()
    throws
  {
    let file = """
      tlive-kafka-oc:
      - name: edge
        brokers: [k1:1, k2:2]
        topics: [a, b]
        security:
          sasl: {username: u, password: s3}
          tls: {ca-profile: corp, insecure-skip-verify: true}
      - name: plain
        brokers: [p]
        topics: [x]
      ca-profile: [{name: corp, certificate-authority-crt: ca.crt}]
      """
    let fixture = CommandLineFixture(files: ["f/i.yaml": file])
    let plan = try ingestPlan("--rules r --group g --ingest f/i.yaml --name edge", fixture)
    #expect(plan.topics == ["a", "b"])
    func value(_ name: String) -> String? { plan.client.value(of: name) }
    #expect(value("bootstrap.servers") == "k1:1,k2:2")
    #expect(value("security.protocol") == "sasl_ssl")
    #expect(value("sasl.mechanism") == "PLAIN")
    #expect(value("sasl.username") == "u" && value("sasl.password") == "s3")
    #expect(value("ssl.ca.location") == "f/ca.crt")
    #expect(value("enable.ssl.certificate.verification") == "false")
    let other = try ingestPlan(
      "--rules r --group g --ingest f/i.yaml --name edge -t z -b h -X sasl.mechanism=SCRAM-SHA-256",
      fixture)
    #expect(other.topics == ["z"])
    #expect(other.client.value(of: "bootstrap.servers") == "h")
    #expect(other.client.value(of: "sasl.mechanism") == "SCRAM-SHA-256")
    let plain = try ingestPlan("--rules r --group g --ingest f/i.yaml --name plain", fixture)
    #expect(plain.client.value(of: "security.protocol") == nil)
  }

  @Test func `the only ingest of a file needs no name, and a wrong name is told`() throws {
    let files = [
      "one": "name: edge\nbrokers: [k]\ntopics: [a]",
      "two": "tlive-kafka-oc: [{name: edge, brokers: [k]}, {name: core, brokers: [k]}]",
    ]
    let fixture = CommandLineFixture(files: files)
    #expect(try ingestPlan("--rules r --group g --ingest one", fixture).name == "edge")
    for (line, text) in [
      ("--ingest two", "--ingest: which one? give --name with one of edge, core"),
      (
        "--ingest two --name edgy", "there is no tlive-kafka-oc \"edgy\" in the files; did you mean"
      ),
      ("--ingest none", "Failed to open none: No such file or directory"),
    ] {
      let fixture = CommandLineFixture(files: files)
      _ = try? ingestPlan("--rules r --group g \(line)", fixture)
      #expect(fixture.said.contains { $0.contains(text) }, "\(fixture.said)")
    }
  }

  @Test func `with a configuration nothing of the telemetry's cluster is told to others`() throws {
    let plan = try ingestPlan(
      "\(need) -b h -t a -X sasl.password=s3 -X security.protocol=sasl_ssl --config c")
    #expect(plan.delivery.configFiles == ["c"])
    #expect(plan.delivery.client.properties == [])
    #expect(plan.client.value(of: "sasl.password") == "s3")
    let fixture = CommandLineFixture(variables: ["HBCAT_NOTIFY_CONFIG": "e"])
    #expect(try ingestPlan("\(need) -b h -t a", fixture).delivery.configFiles == ["e"])
    #expect(try ingestPlan("\(need) -b h -t a --to x", fixture).delivery.configFiles == [])
  }

  @Test func `silences are looked for where --silence-topic says`() throws {
    #expect(try ingestPlan("\(need) -b h -t a").delivery.silenceTopic == "hbcat.silences")
    let plan = try ingestPlan("\(need) -b h -t a --silence-topic quiet")
    #expect(plan.delivery.silenceTopic == "quiet")
  }

  @Test func `what is missing is named`() {
    for (line, text) in [
      ("-b h -t a --name n --group g", "no rules: give --rules FILE"),
      ("--list-rules", "no rules: give --rules FILE"),
      ("-b h -t a --rules r --group g", "no name: give --name NAME"),
      ("-b h -t a --rules r --name n", "no device group: give --group NAME"),
      ("-b h \(need)", "no topic: give -t TOPIC"), ("-t a \(need)", "no broker"),
      ("-b h -t a \(need) -J", "-J needs --list-rules"),
      ("-b h -t a \(need) --variable v", "expected NAME=VALUE, not \"v\""),
      ("-b h -t a \(need) --variable v=1 --variable v=2", "\"v\" is given twice"),
      ("-b h -t a \(need) x", "unexpected argument \"x\""),
    ] {
      let said = refusal("ingest \(line)")
      #expect(said.last == "exit 2")
      #expect(said.contains { $0.contains(text) }, "\(line): \(said)")
    }
  }

  @Test func `a list of rules needs nothing else`() throws {
    let plan = try ingestPlan("--list-rules --rules r -J")
    #expect(plan.listsRules && plan.json)
  }
}
