import Glibc

/// A record format for one partition: topic, partition and broker are rendered, literals lie in one block.
///
/// Operations are plain integers, so that a record costs no reference counting. `run` prints a batch.
struct PartitionFormat: ~Copyable {
  /// What an operation prints.
  enum Kind: UInt8 {
    case literal
    case value
    case valueLength
    case valueLengthBinary
    case key
    case keyLength
    case timestamp
    case headers
    case offset
    /// `,"tstype":"create","ts":1`, or nothing where the batch has no timestamps.
    case jsonTimestamp
    /// `,"headers":["name","value"]`, or nothing without headers.
    case jsonHeaders
    case jsonKey
    case jsonValue
  }

  /// One operation; a literal's bytes lie in `text`.
  struct Operation {
    var kind: Kind
    var start: UInt32 = 0
    var count: UInt32 = 0
  }

  /// The partition's number in the output's marks.
  let place: Int32
  /// The literal in place of null.
  let null: Operation
  let escapesControls: Bool
  let keySerdes: Serdes?
  let valueSerdes: Serdes?
  /// Reads what is Avro; nil where nothing is.
  let avro: AvroFields?
  /// Which of the two the format prints, in whatever form.
  let printsKey: Bool
  let printsValue: Bool
  /// The format is the JSON envelope.
  let isEnvelope: Bool
  let operations: UnsafeMutableBufferPointer<Operation>
  /// All literals, with `literalSlack` bytes behind them.
  let text: UnsafeMutableRawBufferPointer
  /// A record's bytes without key, value and headers, at most.
  let fixedRoom: Int
  /// How many bytes one byte of key, value or headers can become, at most.
  let growth: Int
  /// The format is the value and a delimiter, the first and only literal.
  let isLines: Bool

  /// Literals up to this size are copied as two words.
  static let literalSlack = 16

  /// Renders a format for one partition.
  ///
  /// `place` is what `OutputBuffer.firstUnwritten` calls the partition; `brokerId`, for `-J`, the broker
  /// that records are fetched from, −1 if unknown; `escapesControls` is for a terminal, unless raw output
  /// is wanted; `avro` reads what is Avro, if anything is.
  init(
    _ format: RecordFormat, topic: String, partition: Int32, place: Int32 = 0,
    brokerId: Int32 = -1, escapesControls: Bool = false, avro: AvroFields? = nil
  ) {
    self.place = place
    self.escapesControls = escapesControls
    keySerdes = format.keySerdes
    valueSerdes = format.valueSerdes
    self.avro = avro
    var program = Program(nullText: format.nullText, escapesControls: escapesControls)
    switch format.style {
    case .tokens(let tokens):
      for token in tokens { program.add(token, topic: topic, partition: partition) }
    case .json(let separator):
      program.addEnvelope(
        topic: topic, partition: partition, brokerId: brokerId, separator: separator)
    }
    null = program.null
    operations = .allocate(capacity: program.operations.count)
    _ = operations.initialize(from: program.operations)
    text = .allocate(byteCount: program.text.count + Self.literalSlack, alignment: 16)
    text.copyBytes(from: program.text + [UInt8](repeating: 0, count: Self.literalSlack))
    fixedRoom = program.fixedRoom + Self.literalSlack
    growth = program.growth
    let kinds = program.operations.map(\.kind)
    printsKey = kinds.contains { $0 == .key || $0 == .jsonKey }
    printsValue = kinds.contains { $0 == .value || $0 == .jsonValue }
    isEnvelope = kinds.contains(.jsonValue)
    isLines =
      (kinds == [.value] || kinds == [.value, .literal]) && null.count == 0 && !escapesControls
      && valueSerdes == nil && program.text.count <= Self.literalSlack
  }

  deinit {
    operations.deallocate()
    text.deallocate()
  }

  /// Whether every record takes the careful way, piece by piece.
  var isCareful: Bool { escapesControls || keySerdes != nil || valueSerdes != nil }
}

/// Collects operations; literals that follow one another become one.
private struct Program {
  let escapesControls: Bool
  var operations: [PartitionFormat.Operation] = []
  var text: [UInt8] = []
  var fixedRoom = 0
  var growth = 0

  let null: PartitionFormat.Operation

  init(nullText: [UInt8], escapesControls: Bool) {
    self.escapesControls = escapesControls
    text = nullText
    null = PartitionFormat.Operation(kind: .literal, count: UInt32(nullText.count))
  }

  mutating func add(_ token: RecordFormat.Token, topic: String, partition: Int32) {
    switch token {
    case .literal(let bytes): add(literal: bytes)
    case .topic:
      add(literal: Array((escapesControls ? TerminalText.harmless(topic) : topic).utf8))
    case .partition: add(literal: Array(String(partition).utf8))
    case .value: add(.value, room: Int(null.count), growth: 1)
    case .valueLength: add(.valueLength, room: decimalRoom)
    case .valueLengthBinary: add(.valueLengthBinary, room: 4)
    case .key: add(.key, room: Int(null.count), growth: 1)
    case .keyLength: add(.keyLength, room: decimalRoom)
    case .timestamp: add(.timestamp, room: decimalRoom)
    // A header of two bytes, its lengths, can become `=NULL,`.
    case .headers: add(.headers, room: 8, growth: 4)
    case .offset: add(.offset, room: decimalRoom)
    }
  }

  mutating func addEnvelope(
    topic: String, partition: Int32, brokerId: Int32, separator: [UInt8]
  ) {
    add(literal: Array("{\"topic\":".utf8))
    var name: [UInt8] = []
    JSONText.append(topic, forTerminal: escapesControls, to: &name)
    add(literal: name)
    add(literal: Array(",\"partition\":\(partition),\"offset\":".utf8))
    add(.offset, room: decimalRoom)
    add(.jsonTimestamp, room: 32 + decimalRoom)
    add(literal: Array(",\"broker\":\(brokerId)".utf8))
    add(.jsonHeaders, room: 16)
    add(literal: Array(",\"key\":".utf8))
    add(.jsonKey, room: 4 + JSONText.slack)
    add(literal: Array(",\"payload\":".utf8))
    add(.jsonValue, room: 4 + JSONText.slack)
    add(literal: [UInt8(ascii: "}")] + separator)
    growth = JSONText.growth
  }

  private mutating func add(_ kind: PartitionFormat.Kind, room: Int, growth more: Int = 0) {
    operations.append(PartitionFormat.Operation(kind: kind))
    fixedRoom += room
    growth += more
  }

  private mutating func add(literal bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    fixedRoom += bytes.count
    if let last = operations.indices.last, operations[last].kind == .literal {
      operations[last].count += UInt32(bytes.count)
    } else {
      operations.append(
        PartitionFormat.Operation(
          kind: .literal, start: UInt32(text.count), count: UInt32(bytes.count)))
    }
    text += bytes
  }
}
