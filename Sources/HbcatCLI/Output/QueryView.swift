import KafkaClient
import KafkaProtocol

/// What `-Q` shows: answers sorted by partition, those of one as they were asked, their texts ready to be printed.
struct QueryView: Sendable {
  let answers: [OffsetAnswer]

  init(_ answers: [OffsetAnswer]) {
    self.answers = answers.enumerated().sorted { left, right in
      let (first, second) = (left.element.query.partition, right.element.query.partition)
      return first < second || first == second && left.offset < right.offset
    }.map(\.element)
  }

  /// A line for each partition; beside an error stands the time that was asked for, as in kcat.
  func text() -> [UInt8] {
    var lines = ""
    for answer in answers {
      lines += "\(answer.query.partition) offset \(Self.offset(answer))"
      if let error = answer.error { lines += ": \(error)" }
      lines += "\n"
    }
    return Array(lines.utf8)
  }

  /// One object in one line, by topic and partition, and a newline that kcat leaves out.
  func json(forTerminal: Bool = false) -> [UInt8] {
    var text: [UInt8] = []
    func put(_ bytes: String) { text.append(contentsOf: bytes.utf8) }
    func put(string: String) { JSONText.append(string, forTerminal: forTerminal, to: &text) }
    put("{")
    var topic: String?
    for answer in answers {
      let partition = answer.query.partition
      if topic != partition.topic {
        put(topic == nil ? "" : "},")
        topic = partition.topic
        put(string: partition.topic)
        put(":{\"topic\":")
        put(string: partition.topic)
      }
      put(",\"\(partition.partition)\":{\"partition\":\(partition.partition)")
      put(",\"offset\":\(Self.offset(answer))")
      if let error = answer.error {
        put(",\"error\":")
        put(string: "\(error)")
      }
      put("}")
    }
    put(topic == nil ? "}\n" : "}}\n")
    return text
  }

  private static func offset(_ answer: OffsetAnswer) -> Int64 {
    answer.error == nil ? answer.offset : answer.query.timestamp
  }
}
