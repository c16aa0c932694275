import KafkaProtocol
import Testing

@testable import KafkaClient

@Suite struct TopicSelectionTests {
  private static func metadata(_ names: [(String, Bool)]) -> ClusterMetadata {
    var response = MetadataResponse()
    response.topics = names.map { name, isInternal in
      var topic = MetadataResponse.Topic()
      topic.name = name
      topic.isInternal = isInternal
      topic.partitions = [MetadataResponse.Partition()]
      return topic
    }
    var metadata = ClusterMetadata()
    metadata.merge(response, isComplete: true)
    return metadata
  }

  private static let known = metadata([
    ("alpha", false), ("beta", false), ("alphabet", false), ("__offsets", true),
  ])

  @Test func `names and expressions find topics; what finds none is told`() throws {
    let selection = try TopicSelection(["beta", "gamma", "^alpha", "^z"], blacklist: [])
    #expect(selection.asked == nil)
    let found = try selection.find(in: Self.known)
    #expect(found.topics == ["beta", "alpha", "alphabet"])
    #expect(found.missing.map(\.name) == ["gamma", "^z"])
    let named = try TopicSelection(["beta"], blacklist: [])
    #expect(named.asked == ["beta"])
  }

  @Test func `internal topics are found only by an expression that says so`() throws {
    #expect(
      try TopicSelection(["^.*"], blacklist: []).find(in: Self.known).topics
        == ["alpha", "beta", "alphabet"])
    #expect(
      try TopicSelection(["^__.*"], blacklist: []).find(in: Self.known).topics == ["__offsets"])
  }

  @Test func `topic.blacklist hides topics`() throws {
    let selection = try TopicSelection(["beta", "^a"], blacklist: ["^alpha$", "eta"])
    #expect(try selection.find(in: Self.known).topics == ["alphabet"])
  }

  @Test func `what is no expression is an error that says where`() {
    #expect(throws: TopicPatternError.self) { try TopicPattern("^(") }
    do throws(TopicPatternError) {
      _ = try TopicPattern("^(")
    } catch {
      #expect(
        error.description == "regular expression ^(: missing closing parenthesis at byte 2")
    }
  }

  @Test func `S63: a hostile expression ends in an error, and soon`() throws {
    let pattern = try TopicPattern("^(a+)+$")
    let start = ContinuousClock.now
    #expect(throws: TopicPatternError.self) {
      try pattern.matches(String(repeating: "a", count: 200) + "b")
    }
    #expect(ContinuousClock.now - start < .seconds(2))
    #expect(try pattern.matches("aaaa"))
  }
}
