/// The Java client's `sasl.jaas.config`: one login module and its options.
///
/// `org.apache.kafka…PlainLoginModule required username="u" password="p";`
struct JaasConfig {
  /// The module's class, its package left off.
  let module: String
  /// The options; quotes and escapes are taken off.
  let options: [String: String]

  /// - Throws: `SASLError` without any part of the text, which holds secrets.
  init(parsing text: String) throws(SASLError) {
    var reader = Reader(rest: Substring(text))
    guard let name = try reader.word() else { throw SASLError("there is no login module") }
    module = name.split(separator: ".").last.map(String.init) ?? name
    guard let flag = try reader.word(),
      ["required", "requisite", "sufficient", "optional"].contains(flag.lowercased())
    else { throw SASLError("behind the login module must stand \"required\"") }
    var options: [String: String] = [:]
    while let key = try reader.word() {
      guard reader.take("="), let value = try reader.word() else {
        throw SASLError("an option of the login module is not name=value")
      }
      options[key] = value
    }
    guard reader.take(";") else { throw SASLError("the ';' at the end is missing") }
    guard reader.isAtEnd else { throw SASLError("only one login module may be given") }
    self.options = options
  }

  private struct Reader {
    var rest: Substring

    var isAtEnd: Bool {
      mutating get {
        skipBlanks()
        return rest.isEmpty
      }
    }

    mutating func skipBlanks() { rest = rest.drop(while: \.isWhitespace) }

    mutating func take(_ sign: Character) -> Bool {
      skipBlanks()
      guard rest.first == sign else { return false }
      rest = rest.dropFirst()
      return true
    }

    /// A word, in quotes or not; nil where none comes.
    mutating func word() throws(SASLError) -> String? {
      skipBlanks()
      guard let first = rest.first, first != ";", first != "=" else { return nil }
      guard first == "\"" || first == "'" else {
        let word = rest.prefix { !$0.isWhitespace && $0 != ";" && $0 != "=" }
        rest = rest[word.endIndex...]
        return String(word)
      }
      rest = rest.dropFirst()
      var word = ""
      while let character = rest.popFirst() {
        if character == first { return word }
        if character == "\\", let escaped = rest.popFirst() {
          word.append(escaped)
        } else {
          word.append(character)
        }
      }
      throw SASLError("a quotation mark is not closed")
    }
  }
}
