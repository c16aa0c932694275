/// A schema that values were written by, as flat tables: no value of it refers to another but by number.
///
/// Made by `AvroSchemaParser`.
public struct AvroSchema: Sendable {
  /// Avro's types; a logical type is its base type.
  enum Kind: UInt8 {
    case null
    case boolean
    case int
    case long
    case float
    case double
    case bytes
    case string
    case record
    case enumeration
    case array
    case map
    case union
    case fixed

    /// The types that have nothing but a name; `nodes` begins with them, in this order.
    static let primitives: [(name: String, kind: Kind)] = [
      ("null", .null), ("boolean", .boolean), ("int", .int), ("long", .long), ("float", .float),
      ("double", .double), ("bytes", .bytes), ("string", .string),
    ]
  }

  /// A type; what its numbers mean depends on its kind.
  struct Node {
    var kind: Kind
    /// Of a record, a union and an enum: the first of their links; of an array and a map: the node of
    /// what they hold.
    var first: Int32 = 0
    /// Of a record, a union and an enum: how many links; of a fixed: its bytes.
    var count: Int32 = 0
  }

  /// A record's field, a union's branch or an enum's symbol.
  struct Link {
    /// The type of the field or branch.
    var node: Int32 = 0
    /// Where in `text` the JSON of its name begins.
    var start: Int32
    /// How many bytes that JSON has.
    var count: Int32
  }

  var nodes = Kind.primitives.map { Node(kind: $0.kind) }
  var links: [Link] = []
  /// `"field": `, `{"branch": ` and `"symbol"`, ready to be written.
  var text: [UInt8] = []
  var root: Int32 = 0

  /// How much memory it takes, in bytes, about.
  public var byteCount: Int {
    nodes.count * MemoryLayout<Node>.stride + links.count * MemoryLayout<Link>.stride + text.count
  }
}
