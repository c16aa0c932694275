/// In which cases hbcat does something else than kcat, and why.
enum KnownDifferences {
  /// Why a difference stays.
  enum Reason: CustomStringConvertible {
    /// A defect of kcat's that hbcat mends: its number in the reference's must-fix list 1.15.
    case mustFix(Int, String)
    /// The same and something more: what is wrong with the value, or the way out.
    case saysMore(String)
    /// What each program says of itself.
    case ownText
    /// kcat does harm or nonsense that is not in the list.
    case mended(String)

    var description: String {
      switch self {
      case .mustFix(let number, let text): "1.15 (\(number)): \(text)"
      case .saysMore(let text): "says more: \(text)"
      case .ownText: "each program's own text"
      case .mended(let text): text
      }
    }
  }

  /// Those that show on the embedded broker only: Kafka answers before it has created the topic.
  static let embeddedOnly: Set<String> = [
    "list to a topic that is not there", "list as JSON a topic that is not there",
  ]

  /// By the name of the case.
  static let table: [String: Reason] = [
    // Consuming
    "consume from stored without a group": .saysMore("what -o stored needs"),
    "SIGPIPE ends a consumer": .mended(
      "SIGPIPE comes from a broker's connection as well as from stdout, whose end a write tells"),
    // Formats
    "-K of percent": .mustFix(6, "-K is no format"),
    "-K with a token": .mustFix(6, "-K is no format"),
    "-K and -D of more than 60 bytes": .mustFix(6, "no delimiter is cut off"),
    "-Z": .mustFix(12, "-Z tells empty from null"),
    "-Z with -K": .mustFix(12, "-Z tells empty from null"),
    "-f with %s, %k and -Z": .mustFix(12, "-Z tells empty from null"),
    "-O": .mustFix(7, "-O prints the offset"),
    "-O with -K": .mustFix(7, "-O prints the offset"),
    "-f with hex of letters": .mustFix(5, "\\xff is a byte"),
    "-f with hex and letters behind": .mustFix(5, "\\xHH has two digits"),
    "-f with NUL": .mustFix(5, "\\x00 is a byte"),
    "-J with bytes that are not UTF-8": .mustFix(4, "JSON is UTF-8"),
    "-s value with little-endian": .mustFix(8, "< is little-endian"),
    "-s with -J": .mustFix(8, "-s holds with -J"),
    "-s c at the end": .mustFix(8, "c does not read past the end"),
    // Listing
    "list to a topic that is not there": .mustFix(11, "-L creates no topic"),
    "list as JSON a topic that is not there": .mustFix(11, "-L creates no topic"),
    // Producing
    "SIGINT while a producer waits for stdin": .mustFix(1, "a signal ends the wait"),
    "SIGTERM while a producer waits for stdin": .mustFix(1, "a signal ends the wait"),
    "SIGINT while a transaction waits for stdin": .mustFix(1, "a signal aborts the transaction"),
    "produce with reports": .mended("offset 0 is an offset, no missing report"),
    "produce a file verbosely": .mended("offset 0 is an offset, no missing report"),
    "produce with -D CRLF": .mended("-D knows \\r when producing, as it does when consuming"),
    "produce with -D NUL": .mended("-D may be NUL, as find -print0 has it"),
    "produce with -T": .mustFix(14, "-T writes delimiters"),
    "produce with -T and -D": .mustFix(14, "-T writes delimiters"),
    "produce a file line by line with -T": .mustFix(14, "-T writes delimiters"),
    "produce two to a partition that is not there": .saysMore("how many are lost"),
    "produce a missing file among others": .mustFix(15, "a file that is not sent is a failure"),
    "produce a folder": .mended("files are read, not mapped: pipes can be sent, folders cannot"),
    "produce a file with -K, -Z, -T and -c": .mustFix(20, "says what has no effect"),
    "produce with message.max.bytes and a line too large": .saysMore("which line, and the limit"),
    "produce with message.max.bytes and a file too large": .mustFix(
      2, "what was read before is delivered"),
    // Queries
    "query behind the last": .mustFix(10, "says that there is none"),
    "query as JSON behind the last": .mustFix(10, "says that there is none"),
    "query an empty topic": .mustFix(10, "says that there is none"),
    "query three partitions": .mustFix(10, "says that there is none"),
    "query with -t before -Q": .mustFix(10, "-Q may stand anywhere"),
    "query with a fourth field": .mustFix(13, "what is no number is an error"),
    "query with an empty topic": .mended("kcat waits for the answer that cannot come"),
    "query the same partition twice": .mended("kcat gives one answer to both questions"),
    // Usage
    "-V": .ownText, "-V before what is wrong": .ownText, "-h": .ownText, "-X list": .ownText,
    "-X dump": .ownText,
    "--help": .ownText,
    "an unknown option": .saysMore("which option"),
    "an unknown option behind a good one": .saysMore("which option"),
    "an option without its value": .saysMore("which option lacks what"),
    "-b without its value": .saysMore("which option lacks what"),
    "an empty broker": .mended("kcat waits for a broker without a name"),
    "an empty topic": .mended("no topic has an empty name; no broker need say so"),
    "-o with a timestamp in a group": .mustFix(17, "groups may begin at a time"),
    "-G with a bad regex": .saysMore("what is wrong with the expression"),
    "-M without brokers": .mended("kcat 1.7.1 has no -M, later ones have"),
    "-M": .mended("kcat 1.7.1 has no -M, later ones have"),
    "-p with a word": .mustFix(13, "what is no number is an error"),
    "-c with a word": .mustFix(13, "what is no number is an error"),
    "-m with a word": .mustFix(13, "what is no number is an error"),
    "-o with a word": .mustFix(13, "what is no number is an error"),
    "only a consumer's options without a terminal": .mustFix(
      19, "what only a consumer can mean is one"),
  ]
}
