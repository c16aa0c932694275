/// Turns values into JSON as kcat prints it (avro-c's `avro_value_to_json` on one line), without building them.
///
/// Memory goes from value to value. A value's time and memory are bounded by its JSON's size, since each
/// part writes at least a byte.
public struct AvroDecoder: ~Copyable {
  /// How many records, arrays, maps and unions may stand in one another.
  public static let depthMax = 512
  /// Bytes that a value's JSON may have, beyond `jsonGrowthMax` times those of the value.
  static let jsonBytesMin = 16 << 20
  static let jsonGrowthMax = 64

  /// A record, array, map or union that is being read.
  private struct Frame {
    var node: AvroSchema.Node
    /// Elements that are left in the block, or links that are left.
    var left: Int64
    /// The link that comes next.
    var next: Int32
    var isFirst = true
    /// Of a map: where its entries begin in `entries`.
    var firstEntry = 0
  }

  private var text = AvroText()
  private var frames: [Frame] = []
  /// The entries so far of all maps that are open.
  private var entries: [AvroText.Entry] = []

  /// Makes a decoder.
  public init() {}

  /// The JSON of the last value; good until the next one.
  public var json: UnsafeRawBufferPointer { text.bytes }

  /// Reads a value; what stands behind it is ignored, as avro-c does.
  ///
  /// A schema that is nothing but `bytes` takes all, without a length in front: so Confluent's
  /// serializers write it.
  /// - Throws: `AvroError` where the value does not fit its schema or is beyond the limits.
  public mutating func decode(
    _ payload: UnsafeRawBufferPointer, by schema: AvroSchema
  ) throws(AvroError) {
    text.begin(countMax: Self.jsonBytesMin + Self.jsonGrowthMax * payload.count)
    frames.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    if schema.nodes[Int(schema.root)].kind == .bytes { return try text.append(bytes: payload) }
    var input = AvroInput(payload)
    do throws(AvroError) {
      var node: Int32? = schema.root
      while let number = node {
        try read(schema.nodes[Int(number)], schema, &input)
        node = try following(schema, &input)
      }
    } catch { throw AvroError("Failed to read avro value: \(error)") }
  }

  /// Reads a value, or the beginning of one that has parts.
  private mutating func read(
    _ node: AvroSchema.Node, _ schema: AvroSchema, _ input: inout AvroInput
  ) throws(AvroError) {
    switch node.kind {
    case .null: try text.append("null")
    case .record:
      try text.append(UInt8(ascii: "{"))
      try push(Frame(node: node, left: Int64(node.count), next: node.first))
    case .array:
      try text.append(UInt8(ascii: "["))
      try push(Frame(node: node, left: try input.blockCount("array"), next: 0))
    case .map:
      try text.append(UInt8(ascii: "{"))
      try push(
        Frame(
          node: node, left: try input.blockCount("map"), next: 0, firstEntry: entries.count))
    case .union:
      let branch: Int64
      do throws(AvroError) { branch = try input.long() } catch {
        throw AvroError("Cannot read union discriminant: \(error)")
      }
      guard branch >= 0, branch < Int64(node.count) else {
        throw AvroError("Invalid union discriminant value: (\(branch))")
      }
      try push(Frame(node: node, left: 1, next: node.first + Int32(branch)))
    case .boolean, .int, .long, .float, .double, .bytes, .string, .enumeration, .fixed:
      do throws(AvroError) { try readPlain(node, schema, &input) } catch {
        throw AvroError("Cannot read \(Self.name(of: node.kind)) value: \(error)")
      }
    }
  }

  /// Reads a value that has no parts.
  private mutating func readPlain(
    _ node: AvroSchema.Node, _ schema: AvroSchema, _ input: inout AvroInput
  ) throws(AvroError) {
    switch node.kind {
    case .boolean: try text.append(try input.take(1)[0] == 0 ? "false" : "true")
    case .int: try text.append(try input.int())
    case .long: try text.append(try input.long())
    case .float: try text.append(try input.float())
    case .double: try text.append(try input.double())
    case .bytes: try text.append(bytes: try input.counted("bytes"))
    case .string: try text.append(string: try input.counted("string"))
    case .fixed: try text.append(bytes: try input.take(Int(node.count)))
    case .enumeration:
      let symbol = try input.long()
      guard symbol >= 0, symbol < Int64(node.count) else {
        throw AvroError("there is no symbol \(symbol), the schema has \(node.count)")
      }
      let link = schema.links[Int(node.first) + Int(symbol)]
      try text.append(schema.text, link.start, link.count)
    case .null, .record, .array, .map, .union: break
    }
  }

  private mutating func push(_ frame: Frame) throws(AvroError) {
    guard frames.count < Self.depthMax else {
      throw AvroError("more than \(Self.depthMax) records, arrays, maps and unions in one another")
    }
    frames.append(frame)
  }

  /// The type of the next part of what is open, its name having been written; nil where all is read.
  private mutating func following(
    _ schema: AvroSchema, _ input: inout AvroInput
  ) throws(AvroError) -> Int32? {
    while var frame = frames.popLast() {
      switch frame.node.kind {
      case .array, .map:
        let isMap = frame.node.kind == .map
        // Behind a block comes the next; an empty one, which may have been the first, ends it.
        if frame.left == 0, !frame.isFirst {
          frame.left = try input.blockCount(isMap ? "map" : "array")
        }
        if frame.left == 0 {
          if isMap {
            try text.keepLast(of: entries[frame.firstEntry...])
            entries.removeSubrange(frame.firstEntry...)
          }
          try text.append(isMap ? UInt8(ascii: "}") : UInt8(ascii: "]"))
          continue
        }
        if !frame.isFirst { try text.append(", ") }
        if isMap {
          let start = text.count
          do throws(AvroError) { try text.append(string: try input.counted("string")) } catch {
            throw AvroError("Cannot read map key: \(error)")
          }
          entries.append(AvroText.Entry(start: start, keyEnd: text.count))
          try text.append(": ")
        }
        frame.isFirst = false
        frame.left -= 1
        frames.append(frame)
        return frame.node.first
      case .record:
        if frame.left == 0 {
          try text.append(UInt8(ascii: "}"))
          continue
        }
        if !frame.isFirst { try text.append(", ") }
        frame.isFirst = false
      case .union:
        let isNull = schema.nodes[Int(schema.links[Int(frame.next)].node)].kind == .null
        if isNull {
          try text.append("null")
          continue
        }
        if frame.left == 0 {
          try text.append(UInt8(ascii: "}"))
          continue
        }
      case .null, .boolean, .int, .long, .float, .double, .bytes, .string, .enumeration, .fixed:
        continue
      }
      let link = schema.links[Int(frame.next)]
      try text.append(schema.text, link.start, link.count)
      frame.left -= 1
      if frame.node.kind == .record { frame.next += 1 }
      frames.append(frame)
      return link.node
    }
    return nil
  }

  private static func name(of kind: AvroSchema.Kind) -> String {
    if kind == .enumeration { return "enum" }
    if kind == .fixed { return "fixed" }
    return AvroSchema.Kind.primitives.first { $0.kind == kind }?.name ?? ""
  }
}
