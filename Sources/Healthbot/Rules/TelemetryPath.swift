/// The paths of telemetry: `interfaces/interface/state/counters/in-octets`.
enum TelemetryPath {
  /// A path without the `/` around it.
  static func normalized(_ path: String) -> String { String(Substring(trimmed(path.utf8))) }

  /// A path's bytes without the `/` around it.
  static func trimmed<C: BidirectionalCollection<UInt8>>(_ path: C) -> C.SubSequence {
    var path = path.drop { $0 == UInt8(ascii: "/") }
    while path.last == UInt8(ascii: "/") { path = path.dropLast() }
    return path
  }

  /// Appends a path without its conditions and says each condition.
  ///
  /// `interfaces/interface[name='xe-0/0/0']/state` is appended as `interfaces/interface/state`, and
  /// `each` is called with `interfaces/interface/@name` and `xe-0/0/0`, which is how Healthbot's
  /// rules name the keys of lists.
  static func append(
    _ text: some Collection<UInt8>, to path: inout [UInt8],
    each: (_ key: [UInt8], _ value: [UInt8]) -> Void
  ) {
    var rest = text[...]
    while let open = rest.firstIndex(of: UInt8(ascii: "[")) {
      path.append(contentsOf: rest[..<open])
      let inside = rest[rest.index(after: open)...]
      guard let sign = inside.firstIndex(of: UInt8(ascii: "=")) else {
        path.append(contentsOf: rest[open...])
        return
      }
      let value = inside[inside.index(after: sign)...]
      let quote = value.first.flatMap {
        $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\"") ? $0 : nil
      }
      let text = quote == nil ? value : value.dropFirst()
      guard let end = text.firstIndex(of: quote ?? UInt8(ascii: "]")),
        let close = text[end...].firstIndex(of: UInt8(ascii: "]"))
      else {
        path.append(contentsOf: rest[open...])
        return
      }
      var key = path
      key.append(contentsOf: "/@".utf8)
      key.append(contentsOf: inside[..<sign])
      each(key, Array(text[..<end]))
      rest = text[text.index(after: close)...]
    }
    path.append(contentsOf: rest)
  }
}
