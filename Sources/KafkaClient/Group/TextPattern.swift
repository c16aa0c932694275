internal import CPCRE2

/// A regular expression (PCRE2) that is searched for in texts, with limits: a hostile one ends in an error.
public struct TextPattern {
  /// Steps of one search.
  private static let matchMax: UInt32 = 100_000
  /// Nested steps of one search.
  private static let depthMax: UInt32 = 1000
  /// KiB of one search.
  private static let heapKibMax: UInt32 = 1024

  private let compiled: Compiled

  /// Compiles an expression.
  ///
  /// - Throws: `TextPatternError` where it is none.
  public init(_ text: String, ignoresCase: Bool = false) throws(TextPatternError) {
    let options = PCRE2_UTF | (ignoresCase ? PCRE2_CASELESS : 0)
    var number: Int32 = 0
    var place = 0
    let bytes = Array(text.utf8)
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &number, &place, nil) else {
      throw TextPatternError(reason: "\(Self.message(number)) at byte \(place)")
    }
    guard let match = pcre2_match_data_create_8(1, nil) else {
      pcre2_code_free_8(code)
      throw TextPatternError(reason: "out of memory")
    }
    guard let context = pcre2_match_context_create_8(nil) else {
      pcre2_match_data_free_8(match)
      pcre2_code_free_8(code)
      throw TextPatternError(reason: "out of memory")
    }
    pcre2_set_match_limit_8(context, Self.matchMax)
    pcre2_set_depth_limit_8(context, Self.depthMax)
    pcre2_set_heap_limit_8(context, Self.heapKibMax)
    compiled = Compiled(code: code, match: match, context: context)
  }

  /// Whether the expression is found anywhere in a text.
  ///
  /// - Throws: `TextPatternError` where that takes more steps than may be.
  public func isFound(in text: String) throws(TextPatternError) -> Bool {
    var text = text
    let found = text.withUTF8 { bytes in
      pcre2_match_8(
        compiled.code, bytes.baseAddress, bytes.count, 0, 0, compiled.match, compiled.context)
    }
    if found >= 0 { return true }
    if found == PCRE2_ERROR_NOMATCH { return false }
    throw TextPatternError(reason: Self.message(found))
  }

  private static func message(_ number: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pcre2_get_error_message_8(number, &bytes, bytes.count)
    return count > 0
      ? String(decoding: bytes.prefix(Int(count)), as: UTF8.self) : "PCRE2 error \(number)"
  }

  /// What PCRE2 has to be given back.
  private final class Compiled {
    let code: OpaquePointer
    let match: OpaquePointer
    let context: OpaquePointer

    init(code: OpaquePointer, match: OpaquePointer, context: OpaquePointer) {
      self.code = code
      self.match = match
      self.context = context
    }

    deinit {
      pcre2_match_data_free_8(match)
      pcre2_match_context_free_8(context)
      pcre2_code_free_8(code)
    }
  }
}

/// A regular expression is none, or takes too long.
public struct TextPatternError: Error, Hashable, Sendable {
  /// PCRE2's words.
  public let reason: String
}
