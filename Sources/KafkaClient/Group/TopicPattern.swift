internal import CPCRE2

/// A regular expression (PCRE2) for topics' names and other short texts, with limits: a hostile one ends in
/// an error (S63).
public final class TopicPattern {
  /// Steps of one match.
  private static let matchMax: UInt32 = 100_000
  /// Nested steps of one match.
  private static let depthMax: UInt32 = 1000
  /// KiB of one match.
  private static let heapKibMax: UInt32 = 1024

  /// The expression as it was written.
  public let text: String
  private let code: OpaquePointer
  private let match: OpaquePointer
  private let context: OpaquePointer

  /// Compiles an expression; it is searched for, so that only `^` and `$` bind it to the text's ends.
  ///
  /// - Throws: `TopicPatternError` where it is none.
  public init(_ text: String) throws(TopicPatternError) {
    var number: Int32 = 0
    var place = 0
    let bytes = Array(text.utf8)
    guard let code = pcre2_compile_8(bytes, bytes.count, PCRE2_UTF, &number, &place, nil) else {
      throw TopicPatternError(pattern: text, reason: "\(Self.message(number)) at byte \(place)")
    }
    guard let match = pcre2_match_data_create_8(1, nil) else {
      pcre2_code_free_8(code)
      throw TopicPatternError(pattern: text, reason: "out of memory")
    }
    guard let context = pcre2_match_context_create_8(nil) else {
      pcre2_match_data_free_8(match)
      pcre2_code_free_8(code)
      throw TopicPatternError(pattern: text, reason: "out of memory")
    }
    pcre2_set_match_limit_8(context, Self.matchMax)
    pcre2_set_depth_limit_8(context, Self.depthMax)
    pcre2_set_heap_limit_8(context, Self.heapKibMax)
    self.text = text
    self.code = code
    self.match = match
    self.context = context
  }

  deinit {
    pcre2_match_data_free_8(match)
    pcre2_match_context_free_8(context)
    pcre2_code_free_8(code)
  }

  /// Whether the expression is found in a text, such as a topic's name.
  ///
  /// - Throws: `TopicPatternError` where that takes more steps than may be.
  public func matches(_ subject: String) throws(TopicPatternError) -> Bool {
    let bytes = Array(subject.utf8)
    let found = pcre2_match_8(code, bytes, bytes.count, 0, 0, match, context)
    if found >= 0 { return true }
    if found == PCRE2_ERROR_NOMATCH { return false }
    throw TopicPatternError(
      pattern: text, reason: "\(Self.message(found)) in \"\(subject.prefix(80))\"")
  }

  private static func message(_ number: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pcre2_get_error_message_8(number, &bytes, bytes.count)
    return count > 0
      ? String(decoding: bytes.prefix(Int(count)), as: UTF8.self) : "PCRE2 error \(number)"
  }
}

/// A regular expression is none, or takes too long.
public struct TopicPatternError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The expression.
  public let pattern: String
  /// PCRE2's words.
  public let reason: String
  /// A sentence for people.
  public var description: String { "regular expression \(pattern): \(reason)" }
}
