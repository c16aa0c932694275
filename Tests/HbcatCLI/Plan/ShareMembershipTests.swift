import KafkaClient
import Testing

@testable import HbcatCLI

@Suite struct ShareMembershipTests {
  @Test("topics are those of every -t and the arguments, each once")
  func topics() throws {
    let plan = try consumePlan("consume -b h --share-group g -t a b -t c a -c 5 -J")
    #expect(plan?.share == ShareMembership(group: "g", topics: ["a", "c", "b"]))
    #expect(plan?.maxMessages == 5)
  }

  @Test("what becomes of messages, and when nothing coming is the end")
  func outcomes() throws {
    let release = try consumePlan("consume -b h --share-group g -t a --ack release --exit-idle 3")
    #expect(release?.share?.acknowledgement == .release && release?.share?.exitIdleMs == 3000)
    let reject = try consumePlan("consume -b h --share-group=g --ack=reject a")
    #expect(reject?.share?.acknowledgement == .reject && reject?.share?.exitIdleMs == nil)
    #expect(try consumePlan("consume -b h -t a")?.share == nil)
  }

  @Test(
    "what a share group cannot do is a usage error that says why",
    arguments: [
      ("--share-group g -t a -p 0", "exclude one another: the group gives out partitions"),
      ("--share-group g -t a -o end", "share.auto.offset.reset"),
      ("--share-group g -t a --from-beginning", "share.auto.offset.reset"),
      ("--share-group g -t a -o e@5", "share.auto.offset.reset"),
      ("--share-group g -t a -e", "use --exit-idle SECONDS or -c COUNT"),
      ("--share-group g", "no topic: give TOPIC ... or -t TOPIC"),
      ("--share-group g --group h -t a", "--group and --share-group exclude one another"),
      ("--share-group g -t ^a", "by name, not by pattern"),
      ("--share-group= -t a", "the group's name is empty"),
      ("--share-group g -t a --ack maybe", "expected accept, release or reject, not \"maybe\""),
      ("--share-group g -t a --exit-idle 0", "out of range 1..2147483"),
      ("-t a --ack accept", "--ack needs --share-group NAME"),
      ("-t a --exit-idle 1", "--exit-idle needs --share-group NAME"),
    ])
  func refused(_ line: String, _ text: String) {
    let fixture = CommandLineFixture()
    #expect(throws: UsageError.self) { try fixture.plan("consume -b h \(line)") }
    #expect(fixture.said.first?.contains(text) == true, "\(fixture.said)")
    #expect(fixture.said.last == "exit 2")
  }
}
