import Healthbot
import JSON
import KafkaProtocol

/// What an ingest keeps over restarts: what its rules know, and how far of each partition they have seen.
///
/// The first line is `{"ingest": "NAME", "group": "GROUP", "offsets": [["TOPIC", PARTITION, OFFSET], …]}`,
/// those behind it are the engine's. Both are written together: what is read again after a crash, since its
/// offset was not committed, is known to have been seen.
struct IngestState {
  /// Why a file is none of this ingest's.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// The offsets behind what has been seen.
  var offsets: [TopicPartition: Int64] = [:]
  /// How many lines were of rules that are no longer there.
  private(set) var strayCount = 0

  /// The first line.
  func head(_ plan: IngestPlan) -> [UInt8] {
    var writer = JSONWriter(.python)
    writer.object { writer in
      writer.member("ingest", plan.name)
      writer.member("group", plan.group)
      writer.member("offsets", of: offsets.sorted { $0.key < $1.key }) { writer, place in
        writer.beginArray()
        writer.string(place.key.topic)
        writer.integer(Int64(place.key.partition))
        writer.integer(place.value)
        writer.endArray()
      }
    }
    return writer.bytes
  }

  /// Writes it all.
  func write(_ engine: RuleEngine, _ plan: IngestPlan, to file: DurableFile)
    throws(DurableFile.Failure)
  {
    var bytes = head(plan) + [UInt8(ascii: "\n")]
    engine.exportState { bytes += $0 + [UInt8(ascii: "\n")] }
    try file.replace(with: bytes)
  }

  /// Reads a file into an engine; one that is not there is a beginning.
  ///
  /// - Throws: `Problem`, `DurableFile.Failure`, `JSONError` or `RuleStateError`.
  mutating func read(_ file: DurableFile, _ plan: IngestPlan, into engine: inout RuleEngine) throws
  {
    let found = try file.locked(creating: false) { descriptor throws(DurableFile.Failure) in
      try file.read(descriptor, from: 0)
    }
    guard let found else { return }
    guard found.last == UInt8(ascii: "\n") else {
      throw Problem(description: "its last line has no end")
    }
    for (index, line) in found.split(separator: UInt8(ascii: "\n")).enumerated() {
      try line.withUnsafeBytes { line in
        if index == 0 {
          try readHead(line, plan)
        } else if try !engine.importState(line, line: index + 1) {
          strayCount += 1
        }
      }
    }
  }

  private mutating func readHead(_ line: UnsafeRawBufferPointer, _ plan: IngestPlan) throws {
    var reader = JSONReader(line)
    var names: [String: String] = [:]
    var found: [TopicPartition: Int64]?
    if try reader.next() == .objectStart {
      while case .name(let span)? = try reader.next() {
        switch reader.string(span) {
        case "offsets": found = try Self.offsets(&reader)
        case let name:
          guard case .string(let value)? = try reader.next() else { break }
          names[name] = reader.string(value)
        }
      }
    }
    guard let found, let name = names["ingest"], let group = names["group"] else {
      throw Problem(description: "line 1 does not tell an ingest, its group and its offsets")
    }
    guard name == plan.name, group == plan.group else {
      throw Problem(
        description: "it is of the ingest \"\(name)\" and the group \"\(group)\", not of "
          + "\"\(plan.name)\" and \"\(plan.group)\"")
    }
    offsets = found
  }

  private static func offsets(_ reader: inout JSONReader) throws -> [TopicPartition: Int64]? {
    guard try reader.next() == .arrayStart else { return nil }
    var offsets: [TopicPartition: Int64] = [:]
    while try reader.next() == .arrayStart {
      guard case .string(let topic)? = try reader.next(),
        case .number(let number)? = try reader.next(),
        case .number(let offset)? = try reader.next(), try reader.next() == .arrayEnd,
        let partition = reader.integer(number).flatMap({ Int32(exactly: $0) }),
        let value = reader.integer(offset), value >= 0
      else { return nil }
      offsets[TopicPartition(reader.string(topic), partition)] = value
    }
    return offsets
  }
}
