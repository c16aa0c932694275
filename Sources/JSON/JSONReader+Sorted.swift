extension JSONReader {
  /// Reads the next value and appends it as Python's `json.dumps(sort_keys=True)` would write it.
  ///
  /// Names are sorted by code point at every depth, strings are ASCII, `": "` and `", "` separate.
  /// Numbers keep the text they had. Returns the token that the value began with.
  /// - Throws: `JSONError` where the text is not JSON or an object has a name twice.
  @discardableResult
  public mutating func appendSorted(to output: inout [UInt8]) throws(JSONError) -> JSONToken? {
    let token = try next()
    if let token { try appendSorted(token, to: &output) }
    return token
  }

  private mutating func appendSorted(_ token: JSONToken, to output: inout [UInt8])
    throws(JSONError)
  {
    switch token {
    case .objectStart: try appendSortedObject(to: &output)
    case .arrayStart: try appendSortedArray(to: &output)
    case .name(let span), .string(let span): appendString(span, to: &output)
    case .number(let span): output.append(contentsOf: text(span))
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .null: output.append(contentsOf: "null".utf8)
    case .objectEnd, .arrayEnd: break
    }
  }

  private mutating func appendSortedArray(to output: inout [UInt8]) throws(JSONError) {
    output.append(UInt8(ascii: "["))
    var isFirst = true
    while let token = try next(), token != .arrayEnd {
      if !isFirst { output.append(contentsOf: ", ".utf8) }
      isFirst = false
      try appendSorted(token, to: &output)
    }
    output.append(UInt8(ascii: "]"))
  }

  private mutating func appendSortedObject(to output: inout [UInt8]) throws(JSONError) {
    // Each member is written apart and put in its place at the end.
    var members: [(name: [UInt8], offset: Int, text: [UInt8])] = []
    while case .name(let span)? = try next() {
      var member: (name: [UInt8], offset: Int, text: [UInt8]) = ([], tokenOffset, [])
      appendValue(of: span, to: &member.name)
      appendString(span, to: &member.text)
      member.text.append(contentsOf: ": ".utf8)
      try appendSorted(to: &member.text)
      members.append(member)
    }
    // UTF-8 sorts as code points do; Swift's strings do not. A later twin stays behind its elder.
    members.sort {
      $0.name == $1.name ? $0.offset < $1.offset : $0.name.lexicographicallyPrecedes($1.name)
    }
    for (elder, twin) in zip(members, members.dropFirst()) where elder.name == twin.name {
      throw error(.duplicateName(String(decoding: twin.name, as: UTF8.self)), twin.offset)
    }
    output.append(UInt8(ascii: "{"))
    for (i, member) in members.enumerated() {
      if i > 0 { output.append(contentsOf: ", ".utf8) }
      output.append(contentsOf: member.text)
    }
    output.append(UInt8(ascii: "}"))
  }

  private func appendString(_ span: JSONSpan, to output: inout [UInt8]) {
    var writer = JSONWriter(.python)
    if span.hasEscapes {
      var value: [UInt8] = []
      appendValue(of: span, to: &value)
      value.withUnsafeBytes { writer.string($0) }
    } else {
      writer.string(text(span))
    }
    output.append(contentsOf: writer.bytes)
  }
}
