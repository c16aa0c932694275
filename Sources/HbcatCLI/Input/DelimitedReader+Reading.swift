extension DelimitedReader {
  /// Reads to the end of the input, and lets `take` have what the reader holds after each read.
  ///
  /// `wait` waits for input where none is there at the moment. `take` is told whether this was the last
  /// read, and answers whether it wants more.
  mutating func readOn(
    waitingBy wait: () throws -> Void, _ take: (inout DelimitedReader, Bool) throws -> Bool
  ) throws {
    var waits = true
    while true {
      if waits { try wait() }
      var isAtEnd = false
      switch try fill() {
      case .bytes(let isFull): waits = !isFull
      case .nothingYet: waits = true
      case .interrupted: continue
      case .end: isAtEnd = true
      }
      guard try take(&self, isAtEnd), !isAtEnd else { return }
    }
  }

  /// Passes over what the reader holds, a last message without its end among it; answers how many there were.
  mutating func skipHeld() -> Int {
    var count = 0
    while let message = try? next(), message.count > 0 { count += 1 }
    return hasUnfinished ? count + 1 : count
  }
}
