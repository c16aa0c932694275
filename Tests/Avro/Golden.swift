/// Schemas, values and what kcat prints of them: recorded from kcat, libserdes and avro-c, built from source.
enum Golden {
  /// Name, schema, value in hexadecimal, output.
  // swift-format-ignore
  static let values: [(name: String, schema: String, hex: String, json: String)] = [
    (
      "null",
      #""null""#,
      "", #"null"#
    ),
    (
      "true",
      #""boolean""#,
      "01", #"true"#
    ),
    (
      "false",
      #""boolean""#,
      "00", #"false"#
    ),
    (
      "boolean 2",
      #""boolean""#,
      "02", #"true"#
    ),
    (
      "boolean 0x80",
      #""boolean""#,
      "80", #"true"#
    ),
    (
      "int",
      #""int""#,
      "ffffffff0f", #"-2147483648"#
    ),
    (
      "int max",
      #"{"type": "int"}"#,
      "feffffff0f", #"2147483647"#
    ),
    (
      "long min",
      #""long""#,
      "ffffffffffffffffff01", #"-9223372036854775808"#
    ),
    (
      "long max",
      #""long""#,
      "feffffffffffffffff01", #"9223372036854775807"#
    ),
    (
      "varint 10 with high bits",
      #""long""#,
      "ffffffffffffffffff7f", #"-9223372036854775808"#
    ),
    (
      "double 0.0",
      #""double""#,
      "0000000000000000", #"0.0"#
    ),
    (
      "double -0.0",
      #""double""#,
      "0000000000000080", #"-0.0"#
    ),
    (
      "double 1.0",
      #""double""#,
      "000000000000f03f", #"1.0"#
    ),
    (
      "double -1.5",
      #""double""#,
      "000000000000f8bf", #"-1.5"#
    ),
    (
      "double 0.1",
      #""double""#,
      "9a9999999999b93f", #"0.10000000000000001"#
    ),
    (
      "double 1e+20",
      #""double""#,
      "408cb5781daf1544", #"1e20"#
    ),
    (
      "double 1e+16",
      #""double""#,
      "0080e03779c34143", #"10000000000000000.0"#
    ),
    (
      "double 1e+17",
      #""double""#,
      "00a0d88557347643", #"1e17"#
    ),
    (
      "double 1.2345678901234568e+17",
      #""double""#,
      "350f63bab4697b43", #"1.2345678901234568e17"#
    ),
    (
      "double 1e-05",
      #""double""#,
      "f168e388b5f8e43e", #"1.0000000000000001e-5"#
    ),
    (
      "double 0.0001",
      #""double""#,
      "2d431cebe2361a3f", #"0.0001"#
    ),
    (
      "double 1e-07",
      #""double""#,
      "48afbc9af2d77a3e", #"9.9999999999999995e-8"#
    ),
    (
      "double 5e-324",
      #""double""#,
      "0100000000000000", #"4.9406564584124654e-324"#
    ),
    (
      "double 1.7976931348623157e+308",
      #""double""#,
      "ffffffffffffef7f", #"1.7976931348623157e308"#
    ),
    (
      "double 3.141592653589793",
      #""double""#,
      "182d4454fb210940", #"3.1415926535897931"#
    ),
    (
      "double 100000.0",
      #""double""#,
      "00000000006af840", #"100000.0"#
    ),
    (
      "double 1e+100",
      #""double""#,
      "7dc39425ad49b254", #"1e100"#
    ),
    (
      "double 2.5e-10",
      #""double""#,
      "95d626e80b2ef13d", #"2.5000000000000002e-10"#
    ),
    (
      "float 0.1",
      #""float""#,
      "cdcccc3d", #"0.10000000149011612"#
    ),
    (
      "float 1.0",
      #""float""#,
      "0000803f", #"1.0"#
    ),
    (
      "float 3.4028234663852886e+38",
      #""float""#,
      "ffff7f7f", #"3.4028234663852886e38"#
    ),
    (
      "float 1e-45",
      #""float""#,
      "01000000", #"1.4012984643248171e-45"#
    ),
    (
      "string",
      #""string""#,
      "3e68c3a96c6c6f20f09f988020227122205c202f20080c0a0d09011f7fe280a8", #""h\u00E9llo \uD83D\uDE00 \"q\" \\ / \b\f\n\r\t\u0001\u001F\#u{7f}\u2028""#
    ),
    (
      "empty string",
      #""string""#,
      "00", #""""#
    ),
    (
      "bytes at the top",
      #""bytes""#,
      "0001417f80ff225c", #""\u0000\u0001A\#u{7f}\u0080\u00FF\"\\""#
    ),
    (
      "bytes in a record",
      #"{"type": "record", "name": "R", "fields": [{"name": "b", "type": "bytes"}]}"#,
      "160001417f80c3a9ff225c0a", #"{"b": "\u0000\u0001A\#u{7f}\u0080\u00C3\u00A9\u00FF\"\\\n"}"#
    ),
    (
      "fixed",
      #"{"type": "fixed", "name": "F", "namespace": "a.b", "size": 4}"#,
      "deadbeef", #""\u00DE\u00AD\u00BE\u00EF""#
    ),
    (
      "enum",
      #"{"type": "enum", "name": "E", "symbols": ["A", "B_1"]}"#,
      "02", #""B_1""#
    ),
    (
      "array",
      #"{"type": "array", "items": "int"}"#,
      "04020401020600", #"[1, 2, 3]"#
    ),
    (
      "empty array",
      #"{"type": "array", "items": "int"}"#,
      "00", #"[]"#
    ),
    (
      "map",
      #"{"type": "map", "values": "long"}"#,
      "04026102086222c3a90400", #"{"a": 1, "b\"\u00E9": 2}"#
    ),
    (
      "empty map",
      #"{"type": "map", "values": "long"}"#,
      "00", #"{}"#
    ),
    (
      "record",
      #"{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}]}"#,
      "020278", #"{"a": 1, "b": "x"}"#
    ),
    (
      "empty record",
      #"{"type": "record", "name": "R", "fields": []}"#,
      "", #"{}"#
    ),
    (
      "union null",
      #"["null", "int"]"#,
      "00", #"null"#
    ),
    (
      "union int",
      #"["null", "int"]"#,
      "020a", #"{"int": 5}"#
    ),
    (
      "union boolean",
      #"{"type": "record", "name": "R", "fields": [{"name": "u", "type": ["null", "boolean"]}]}"#,
      "0201", #"{"u": {"boolean": true}}"#
    ),
    (
      "union int",
      #"{"type": "record", "name": "R", "fields": [{"name": "u", "type": ["null", "int"]}]}"#,
      "0202", #"{"u": {"int": 1}}"#
    ),
    (
      "union long",
      #"{"type": "record", "name": "R", "fields": [{"name": "u", "type": ["null", "long"]}]}"#,
      "0204", #"{"u": {"long": 2}}"#
    ),
    (
      "union float",
      #"{"type": "record", "name": "R", "fields": [{"name": "u", "type": ["null", "float"]}]}"#,
      "020000c03f", #"{"u": {"float": 1.5}}"#
    ),
    (
      "union double",
      #"{"type": "record", "name": "R", "fields": [{"name": "u", "type": ["null", "double"]}]}"#,
      "020000000000000440", #"{"u": {"double": 2.5}}"#
    ),
    (
      "union bytes",
      #"{"type": "record", "name": "R", "fields": [{"name": "u", "type": ["null", "bytes"]}]}"#,
      "0202ff", #"{"u": {"bytes": "\u00FF"}}"#
    ),
    (
      "union string",
      #"{"type": "record", "name": "R", "fields": [{"name": "u", "type": ["null", "string"]}]}"#,
      "020273", #"{"u": {"string": "s"}}"#
    ),
    (
      "union named",
      #"{"type": "record", "name": "R", "fields": [{"name": "u", "type": ["null", {"type": "record", "name": "x.y.Inner", "fields": [{"name": "i", "type": "int"}]}, {"type": "enum", "name": "E", "symbols": ["Q"]}, {"type": "fixed", "name": "F", "size": 1}, {"type": "array", "items": "int"}, {"type": "map", "values": "int"}]}, {"name": "v", "type": ["null", "x.y.Inner"]}]}"#,
      "020e0210", #"{"u": {"Inner": {"i": 7}}, "v": {"Inner": {"i": 8}}}"#
    ),
    (
      "union enum",
      #"{"type": "record", "name": "R", "fields": [{"name": "u", "type": ["null", {"type": "enum", "name": "n.s.E", "symbols": ["Q"]}]}]}"#,
      "0200", #"{"u": {"E": "Q"}}"#
    ),
    (
      "union fixed",
      #"{"type": "record", "name": "R", "fields": [{"name": "u", "type": ["null", {"type": "fixed", "name": "F", "size": 1}]}]}"#,
      "0280", #"{"u": {"F": "\u0080"}}"#
    ),
    (
      "union array",
      #"["null", {"type": "array", "items": "int"}]"#,
      "02020200", #"{"array": [1]}"#
    ),
    (
      "union map",
      #"["null", {"type": "map", "values": "int"}]"#,
      "0202026b0200", #"{"map": {"k": 1}}"#
    ),
    (
      "recursion",
      #"{"type": "record", "name": "L", "namespace": "n", "fields": [{"name": "v", "type": "int"}, {"name": "next", "type": ["null", "L"]}]}"#,
      "020204020600", #"{"v": 1, "next": {"L": {"v": 2, "next": {"L": {"v": 3, "next": null}}}}}"#
    ),
    (
      "logical",
      #"{"type": "record", "name": "R", "fields": [{"name": "d", "type": {"type": "int", "logicalType": "date"}}, {"name": "t", "type": {"type": "long", "logicalType": "timestamp-micros"}}, {"name": "m", "type": {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}}, {"name": "u", "type": ["null", {"type": "string", "logicalType": "uuid"}]}, {"name": "x", "type": {"type": "fixed", "name": "Du", "size": 12, "logicalType": "duration"}}]}"#,
      "f0a8028080f281838985060404d2021036626137623831300102030405060708090a0b0c", #"{"d": 19000, "t": 1700000000000000, "m": "\u0004\u00D2", "u": {"string": "6ba7b810"}, "x": "\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000B\f"}"#
    ),
    (
      "trailing bytes",
      #""int""#,
      "026a756e6b", #"1"#
    ),
    (
      "recursion in a map",
      #"{"type": "record", "name": "T", "fields": [{"name": "m", "type": {"type": "map", "values": "T"}}]}"#,
      "02026b0000", #"{"m": {"k": {"m": {}}}}"#
    ),
    (
      "array of array",
      #"{"type": "array", "items": {"type": "array", "items": "null"}}"#,
      "0404000000", #"[[null, null], []]"#
    ),
    (
      "root union of record",
      #"["null", {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}]"#,
      "0202", #"{"R": {"a": 1}}"#
    ),
    (
      "schema array not object",
      #"["int"]"#,
      "0008", #"{"int": 4}"#
    ),
  ]

  /// Name, schema, value in hexadecimal, error.
  // swift-format-ignore
  static let faults: [(name: String, schema: String, hex: String, error: String)] = [
    (
      "int too large",
      #""int""#,
      "8080808010",
      #"Failed to read avro value: Cannot read int value: Varint out of range for int type"#
    ),
    (
      "varint too long",
      #""long""#,
      "8080808080808080808001",
      #"Failed to read avro value: Cannot read long value: Varint too long"#
    ),
    (
      "union out of range",
      #"["null", "int"]"#,
      "04",
      #"Failed to read avro value: Invalid union discriminant value: (2)"#
    ),
    (
      "union negative",
      #"["null", "int"]"#,
      "01",
      #"Failed to read avro value: Invalid union discriminant value: (-1)"#
    ),
    (
      "truncated string",
      #""string""#,
      "0a616263",
      #"Failed to read avro value: Cannot read string value: Cannot read 5 bytes from memory buffer"#
    ),
    (
      "truncated long",
      #""long""#,
      "80",
      #"Failed to read avro value: Cannot read long value: Cannot read 1 bytes from memory buffer"#
    ),
    (
      "truncated nothing",
      #""long""#,
      "",
      #"Failed to read avro value: Cannot read long value: Cannot read 1 bytes from memory buffer"#
    ),
    (
      "truncated double",
      #""double""#,
      "00000000000000",
      #"Failed to read avro value: Cannot read double value: Cannot read 8 bytes from memory buffer"#
    ),
    (
      "truncated fixed",
      #"{"type": "fixed", "name": "F", "size": 4}"#,
      "6162",
      #"Failed to read avro value: Cannot read fixed value: Cannot read 4 bytes from memory buffer"#
    ),
    (
      "truncated array",
      #"{"type": "array", "items": "int"}"#,
      "0402",
      #"Failed to read avro value: Cannot read int value: Cannot read 1 bytes from memory buffer"#
    ),
    (
      "truncated array block count",
      #"{"type": "array", "items": "int"}"#,
      "0202",
      #"Failed to read avro value: Cannot read array block count: Cannot read 1 bytes from memory buffer"#
    ),
    (
      "truncated map key",
      #"{"type": "map", "values": "int"}"#,
      "04026b02",
      #"Failed to read avro value: Cannot read map key: Cannot read string length: Cannot read 1 bytes from memory buffer"#
    ),
    (
      "truncated map count",
      #"{"type": "map", "values": "int"}"#,
      "",
      #"Failed to read avro value: Cannot read map block count: Cannot read 1 bytes from memory buffer"#
    ),
    (
      "truncated boolean",
      #""boolean""#,
      "",
      #"Failed to read avro value: Cannot read boolean value: Cannot read 1 bytes from memory buffer"#
    ),
    (
      "truncated bytes",
      #"{"type": "record", "name": "R", "fields": [{"name": "b", "type": "bytes"}]}"#,
      "0861",
      #"Failed to read avro value: Cannot read bytes value: Cannot read 4 bytes from memory buffer"#
    ),
    (
      "truncated union",
      #"["null", "int"]"#,
      "",
      #"Failed to read avro value: Cannot read union discriminant: Cannot read 1 bytes from memory buffer"#
    ),
    (
      "truncated enum",
      #"{"type": "enum", "name": "E", "symbols": ["A"]}"#,
      "",
      #"Failed to read avro value: Cannot read enum value: Cannot read 1 bytes from memory buffer"#
    ),
    (
      "truncated float",
      #""float""#,
      "61",
      #"Failed to read avro value: Cannot read float value: Cannot read 4 bytes from memory buffer"#
    ),
    (
      "truncated int",
      #""int""#,
      "",
      #"Failed to read avro value: Cannot read int value: Cannot read 1 bytes from memory buffer"#
    ),
    (
      "negative string length",
      #""string""#,
      "01",
      #"Failed to read avro value: Cannot read string value: Invalid string length: -1"#
    ),
    (
      "negative bytes length",
      #"{"type": "record", "name": "R", "fields": [{"name": "b", "type": "bytes"}]}"#,
      "09",
      #"Failed to read avro value: Cannot read bytes value: Invalid bytes length: -5"#
    ),
  ]
}
