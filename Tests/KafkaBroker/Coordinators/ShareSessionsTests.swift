import KafkaProtocol
import Testing

@testable import KafkaBroker

struct ShareSessionsTests {
  private final class Connection {}
  private let connection = Connection()

  private func key(_ member: String) -> ShareSessions.Key {
    ShareSessions.Key(groupId: "g", memberId: member, nodeId: 1)
  }

  private func partitions(_ range: Range<Int>) -> [TopicIdPartition] {
    range.map { TopicIdPartition(.zero, Int32($0)) }
  }

  private func code(_ body: () throws -> Void) -> ErrorCode? {
    do { try body() } catch { return (error as? GroupRefusal)?.code }
    return nil
  }

  @Test func `a session keeps its partitions in order, each once`() throws {
    var sessions = ShareSessions()
    _ = try sessions.open(key("m"), connection: ObjectIdentifier(connection))
    #expect(try sessions.change(key("m"), adding: partitions(0..<3), removing: []).count == 3)
    let changed = try sessions.change(
      key("m"), adding: partitions(2..<5), removing: Set(partitions(1..<2)))
    #expect(changed.map(\.partition) == [0, 2, 3, 4])
  }

  @Test func `partitions and sessions have limits, and what ends makes room`() throws {
    var sessions = ShareSessions()
    let id = ObjectIdentifier(connection)
    for index in 0..<ShareSessions.sessionsMax {
      _ = try sessions.open(key("\(index)"), connection: id)
    }
    #expect(
      code { _ = try sessions.open(key("more"), connection: id) } == .shareSessionLimitReached)
    let all = partitions(0..<ShareSessions.partitionsMax)
    #expect(try sessions.change(key("0"), adding: all, removing: []).count == all.count)
    #expect(
      code { _ = try sessions.change(key("1"), adding: partitions(0..<1), removing: []) }
        == .shareSessionLimitReached)
    _ = try sessions.next(key("0"), epoch: -1, connection: id)
    #expect(try sessions.change(key("1"), adding: partitions(0..<1), removing: []).count == 1)
    #expect(sessions.end(connection: id).count == ShareSessions.sessionsMax - 1)
    #expect(
      code { _ = try sessions.next(key("1"), epoch: 1, connection: id) } == .shareSessionNotFound)
  }
}
