/// A text that must not reach a screen or a log.
public struct ConfigSecret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  /// The text itself.
  public let text: String

  /// Wraps a text.
  public init(_ text: String) { self.text = text }

  /// What is shown instead.
  public var description: String { "[redacted]" }
  /// Nothing of the text.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
