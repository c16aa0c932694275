import KafkaClient
import KafkaProtocol

/// Finds the offsets at which times begin.
struct QueryPlan: Hashable, Sendable {
  var client = ClientPlan()
  /// One or more; for JSON, which names each partition once, so do they.
  var queries: [OffsetQuery]
  var json = false
}

extension OffsetQuery {
  /// Reads `topic:partition:timestamp`; numbers may be hexadecimal (`0x`) or octal (`0`), as kcat takes them.
  init(parsing text: String) throws(UsageError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty,
      let partition = Self.number(parts[1]).flatMap({ Int32(exactly: $0) }), partition >= 0,
      let timestamp = Self.number(parts[2])
    else {
      throw .value("-t: expected \"topic:partition:offset_or_timestamp\"")
    }
    self.init(TopicPartition(String(parts[0]), partition), timestamp: timestamp)
  }

  private static func number(_ text: Substring) -> Int64? {
    let isNegative = text.hasPrefix("-")
    let digits = isNegative ? text.dropFirst() : text
    guard digits.first?.isNumber ?? false else { return nil }
    let value =
      if digits.hasPrefix("0x") || digits.hasPrefix("0X") {
        Int64(digits.dropFirst(2), radix: 16)
      } else {
        Int64(digits, radix: digits.hasPrefix("0") ? 8 : 10)
      }
    return isNegative ? value.map { -$0 } : value
  }
}

extension PlanBuilder {
  /// What `-Q` asks: every `-t`, and a subcommand's operands.
  func queryPlan(_ operands: [Argument] = []) throws(UsageError) -> QueryPlan {
    var queries: [OffsetQuery] = []
    var seen: Set<TopicPartition> = []
    for text in topicsTyped + operands.map(\.description) {
      let query = try OffsetQuery(parsing: text)
      guard seen.insert(query.partition).inserted || !json else {
        throw .value("-t: \(query.partition) is asked for twice, which JSON has no place for")
      }
      queries.append(query)
    }
    guard !queries.isEmpty else {
      throw .syntax("-t <topic>:<partition>:<offset_or_timestamp> missing")
    }
    return QueryPlan(client: clientPlan(), queries: queries, json: json)
  }
}
