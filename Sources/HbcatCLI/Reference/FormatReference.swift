/// What `-f` understands, for help and man page.
enum FormatReference {
  static let tokens: [(String, String)] = [
    ("%s", "Message payload"),
    ("%S", "Message payload length (or -1 for NULL)"),
    ("%R", "Message payload length (or -1 for NULL) as a binary big-endian 32-bit signed integer"),
    ("%k", "Message key"),
    ("%K", "Message key length (or -1 for NULL)"),
    ("%T", "Message timestamp (milliseconds since epoch UTC), -1 if there is none"),
    ("%h", "Message headers (n=v CSV)"),
    ("%t", "Topic"),
    ("%p", "Partition"),
    ("%o", "Message offset"),
    ("%%", "A percent sign"),
    ("\\n \\r \\t", "Newline, carriage return, tab"),
    ("\\xHH \\NNN \\0", "A byte: hexadecimal, decimal, NUL"),
  ]
}
