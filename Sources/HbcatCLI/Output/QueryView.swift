import JSON
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
    var json = JSONWriter(.kcat)
    json.beginObject()
    var topic: String?
    for answer in answers {
      let partition = answer.query.partition
      if topic != partition.topic {
        if topic != nil { json.endObject() }
        topic = partition.topic
        json.name(partition.topic)
        json.beginObject()
        json.member("topic", partition.topic)
      }
      json.name("\(partition.partition)")
      json.object { json in
        json.member("partition", partition.partition)
        json.member("offset", Self.offset(answer))
        if let error = answer.error { json.member("error", "\(error)") }
      }
    }
    if topic != nil { json.endObject() }
    json.endObject()
    return json.line(forTerminal: forTerminal)
  }

  private static func offset(_ answer: OffsetAnswer) -> Int64 {
    answer.error == nil ? answer.offset : answer.query.timestamp
  }
}
