import Glibc

/// Texts as C strings, which live as long as it does.
final class CTexts {
  private var texts: [UnsafeMutablePointer<CChar>] = []
  private var lists: [UnsafeMutablePointer<UnsafePointer<CChar>?>] = []

  deinit {
    for text in texts { free(text) }
    for list in lists { list.deallocate() }
  }

  /// The text, up to a NUL in it.
  func pointer(_ text: String) -> UnsafePointer<CChar>? {
    guard let copy = strdup(text) else { return nil }
    texts.append(copy)
    return UnsafePointer(copy)
  }

  /// The texts, a null pointer behind the last.
  func pointers(_ texts: [String]) -> UnsafePointer<UnsafePointer<CChar>?> {
    let list = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: texts.count + 1)
    lists.append(list)
    for (place, text) in texts.enumerated() { list[place] = pointer(text) }
    list[texts.count] = nil
    return UnsafePointer(list)
  }
}
