/// What may stand in the envelope of a mail.
enum MailAddress {
  /// Whether a text is an address and nothing besides: one `@`, printable ASCII.
  static func isSound(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
      && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
      && !text.contains { "<>()[],;:\\\"".contains($0) }
  }

  /// Whether a text names a mail server: `host`, `host:port`, `smtp://…` or `smtps://…`.
  static func isServer(_ text: String) -> Bool {
    var rest = Substring(text)
    for scheme in ["smtp://", "smtps://"] where text.hasPrefix(scheme) {
      rest = text.dropFirst(scheme.count)
    }
    return !rest.isEmpty
      && rest.utf8.allSatisfy { (0x21...0x7E).contains($0) }
      && !rest.contains { "/@?#\\\"<>".contains($0) }
  }
}

extension Substring {
  /// Without spaces and tabs at its ends.
  var trimmingSpaces: Substring {
    var text = self
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }
}
