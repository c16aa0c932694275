/// A password, a key or a token: a text that no message, log line or dump shows.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  /// The text itself.
  public let text: String

  /// Wraps a text.
  public init(_ text: String) { self.text = text }

  /// What is shown instead.
  public var description: String { "[redacted]" }
  /// Nothing of the text.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
