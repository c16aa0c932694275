import KafkaProtocol
import Testing

@testable import KafkaBroker

struct BrokerCommandTests {
  @Test(
    arguments: [
      ("fault fetch:no-reply*2", BrokerCommand.fault(FaultRule(.fetch, .noReply, times: 2))),
      ("clear", .clearFaults), ("leader t 0 1002", .leader("t", 0, 1002)),
      ("leader t 3 none", .leader("t", 3, nil)), ("replica t 1 7", .replica("t", 1, 7)),
      ("replica t 1 none", .replica("t", 1, nil)), ("truncate t 0 5", .truncate("t", 0, 5)),
      ("create-topic t", .createTopic(.init(name: "t"))),
      ("create-topic t:4:2", .createTopic(.init(name: "t", partitions: 4, replicas: 2))),
      ("delete-topic t", .deleteTopic("t")), ("partitions t 9", .partitions("t", 9)),
      ("down 1001", .down(1001)), ("  up   1001 ", .up(1001)),
    ])
  func `a command is read from its line`(_ line: String, _ command: BrokerCommand) throws {
    #expect(try BrokerCommand(parsing: line) == command)
  }

  @Test(
    arguments: [
      "", "leader", "leader t 0", "leader t x 1", "leader t 0 -1", "truncate t 0 none",
      "partitions t 0", "create-topic t:0", "create-topic t:1:1:1", "create-topic t:x", "down all",
      "fault nothing", "clear all", "explode",
    ])
  func `a line that is not understood is an error with a reason`(_ line: String) {
    #expect {
      try BrokerCommand(parsing: line)
    } throws: { error in
      !"\(error)".isEmpty
    }
  }

  @Test func `every form begins with a word that is understood`() {
    for form in BrokerCommand.forms {
      let word = form.split(separator: " ").first ?? ""
      #expect {
        try BrokerCommand(parsing: "\(word) a b c d")
      } throws: { error in
        // No command has four words, so that the answer is the list of all.
        "\(error)".contains(form)
      }
    }
  }
}
