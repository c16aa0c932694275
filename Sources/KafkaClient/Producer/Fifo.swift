/// A queue whose first element can be taken in constant time.
struct Fifo<Element> {
  private var elements: [Element] = []
  private var head = 0

  init() {}

  var isEmpty: Bool { head == elements.count }
  var count: Int { elements.count - head }
  var first: Element? { isEmpty ? nil : elements[head] }

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func popFirst() -> Element? {
    guard head < elements.count else { return nil }
    let element = elements[head]
    head += 1
    // The room in front is given back once it is the larger part.
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 64 && head * 2 >= elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }

  /// Puts `returned` back in front.
  mutating func prepend(_ returned: [Element]) {
    elements.replaceSubrange(0..<head, with: returned)
    head = 0
  }

  /// Lets `body` change each element, first to last.
  mutating func update(_ body: (inout Element) -> Void) {
    for index in head..<elements.count { body(&elements[index]) }
  }

  /// Takes all elements out.
  mutating func removeAll() -> [Element] {
    defer {
      elements = []
      head = 0
    }
    return Array(elements[head...])
  }
}
