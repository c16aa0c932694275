/// What `-s` says of keys or values.
enum Serdes: Sendable, Equatable {
  /// They are taken apart letter by letter.
  case pack(PackFormat)
  /// They are Avro with a schema's number in front (Confluent's wire format), and printed as JSON.
  case avro

  /// Checks what is typed.
  init(parsing text: String, for field: PackFormat.Field) throws(FormatError) {
    self = text == "avro" ? .avro : .pack(try PackFormat(parsing: text, for: field))
  }
}
