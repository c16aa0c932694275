extension Property {
  /// The value that a text stands for, in the form that `-X dump` shows; nil resets to the default.
  ///
  /// - Throws: `PropertyError` where the property does not take it.
  func normalized(_ value: String) throws(PropertyError) -> String? {
    switch kind {
    case .inner:
      throw PropertyError(.refused, name, "Internal property \"\(name)\" not settable")
    case .callback:
      throw PropertyError(
        .refused, name, "Property \"\(name)\" must be set through dedicated .._set_..() function",
        hint: "it is a function of librdkafka's interface and cannot be given as text")
    case _ where refusal != nil:
      throw PropertyError(
        .refused, name,
        "Configuration property \"\(name)\" is not supported: \(refusal ?? "")")
    case .text, .secret:
      try checkLines(value)
      if name == "sasl.mechanisms", value.isEmpty || value.contains(",") {
        throw invalidName(value, hint: "it takes one mechanism")
      }
      // As in librdkafka, a text that is set to nothing is not set.
      return value.isEmpty ? nil : value
    case .bool: return try bool(value)
    case .integer(let range, _, let words): return try integer(value, range, words)
    case .decimal(let range, _): return try decimal(value, range)
    case .oneOf(let words, let synonyms): return try word(value, words, synonyms)
    case .flags(let words): return try flags(value, words)
    case .name(let words):
      let bare = String(value.drop { $0 == " " })
      guard words.contains(bare) else {
        throw invalidName(value, hint: "it takes \(words.joined(separator: ", "))")
      }
      return bare
    case .patterns:
      try checkLines(value)
      try checkPatterns(value)
      return value.isEmpty ? nil : value
    }
  }

  /// Why it is refused whatever its value; nil where it is not.
  var refusal: String? { if case .refused(let why) = effect { why } else { nil } }

  /// librdkafka's words for a text that it checks itself.
  private func invalidName(_ value: String, hint: String) -> PropertyError {
    PropertyError(
      .invalidValue, name,
      "Invalid value for configuration property \"\(name)\": \(value.isEmpty ? "(null)" : value)",
      hint: hint)
  }

  private func checkPatterns(_ value: String) throws(PropertyError) {
    for text in PropertySet.patterns(value) {
      do throws(TopicPatternError) {
        _ = try TopicPattern(text)
      } catch {
        throw PropertyError(
          .invalidValue, name, "Failed to parse pattern \"\(text)\": \(error.reason)")
      }
    }
  }

  /// Line breaks and NULs, which no value has but PEM texts and Java's login modules (S39).
  private func checkLines(_ value: String) throws(PropertyError) {
    let mayHaveLines = name.hasSuffix(".pem") || name == "sasl.jaas.config"
    guard
      let bad = value.unicodeScalars.first(where: {
        $0 == "\0" || !mayHaveLines && ($0 == "\n" || $0 == "\r")
      })
    else { return }
    throw PropertyError(
      .invalidValue, name,
      "Invalid value for configuration property \"\(name)\": "
        + "\(bad == "\0" ? "a NUL" : "a line break") is not allowed in it")
  }

  private func bool(_ value: String) throws(PropertyError) -> String {
    switch value.lowercased() {
    case "true", "t", "1": return "true"
    case "false", "f", "0": return "false"
    case "": throw empty("Bool configuration property")
    default:
      throw PropertyError(
        .invalidValue, name, "Expected bool value for \"\(name)\": true or false")
    }
  }

  private func integer(_ value: String, _ range: ClosedRange<Int64>, _ words: [String: Int64])
    throws(PropertyError) -> String
  {
    if value.isEmpty { throw empty("Integer configuration property") }
    if let number = words[value.lowercased()] { return String(number) }
    let text = "\(range.lowerBound)..\(range.upperBound)"
    guard let number = Self.integer(value) else {
      throw .invalidNumber(name, hint: "it takes an integer in \(text), not \"\(value)\"")
    }
    guard let number, range.contains(number) else { throw .outOfRange(value, name, text) }
    return String(number)
  }

  /// A decimal, octal (leading 0) or hexadecimal (leading 0x) number, as strtol's base 0 reads it.
  ///
  /// nil where the text is none; `.some(nil)` where it is one that is too large.
  private static func integer(_ text: String) -> Int64?? {
    var digits = Substring(text.drop { $0 == " " || $0 == "\t" })
    while digits.last == " " || digits.last == "\t" { digits.removeLast() }
    let isNegative = digits.hasPrefix("-")
    if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
    var radix = 10
    if digits.lowercased().hasPrefix("0x") {
      radix = 16
      digits = digits.dropFirst(2)
    } else if digits.count > 1 && digits.hasPrefix("0") {
      radix = 8
    }
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.hexDigitValue ?? 99 < radix })
    else { return nil }
    return .some(Int64((isNegative ? "-" : "") + digits, radix: radix))
  }

  private func decimal(_ value: String, _ range: ClosedRange<Double>) throws(PropertyError)
    -> String
  {
    if value.isEmpty { throw empty("Float configuration property") }
    let text = "\(Int64(range.lowerBound))..\(Int64(range.upperBound))"
    guard let number = Double(value), number.isFinite else {
      throw .invalidNumber(name, hint: "it takes a number in \(text), not \"\(value)\"")
    }
    guard range.contains(number) else { throw .outOfRange(value, name, text) }
    return number.rounded() == number ? String(Int64(number)) : String(number)
  }

  private func word(_ value: String, _ words: [String], _ synonyms: [String: String])
    throws(PropertyError) -> String
  {
    let trimmed = Self.trimmed(value)
    if trimmed.isEmpty { throw empty("Configuration property") }
    if let word = words.first(where: { $0.lowercased() == trimmed.lowercased() }) { return word }
    if let word = synonyms[trimmed.lowercased()] { return word }
    throw .invalid(
      trimmed, name,
      hint: "it takes \((words + synonyms.keys.sorted()).joined(separator: ", "))")
  }

  private func flags(_ value: String, _ words: [String]) throws(PropertyError) -> String {
    if value.isEmpty { throw empty("Configuration property") }
    let single = words.filter { $0 != "all" }
    var chosen: [String] = []
    for part in value.split(separator: ",") {
      var flag = Self.trimmed(part)
      let isRemoved = flag.hasPrefix("-")
      if isRemoved || flag.hasPrefix("+") { flag = String(flag.dropFirst()) }
      guard let word = words.first(where: { $0.lowercased() == flag.lowercased() }) else {
        throw .invalid(flag, name, hint: "it takes \(words.joined(separator: ", "))")
      }
      // All but some is what `all,-some` says.
      let meant = word == "all" ? single : [word]
      chosen.removeAll(where: meant.contains)
      if !isRemoved { chosen += meant }
    }
    if words.contains("all"), chosen.count == single.count { return "all" }
    return words.filter(chosen.contains).joined(separator: ",")
  }

  private func empty(_ what: String) -> PropertyError {
    PropertyError(.invalidValue, name, "\(what) \"\(name)\" cannot be set to empty value")
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    var text = Substring(text)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
