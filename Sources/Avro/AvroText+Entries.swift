import Glibc

extension AvroText {
  /// An entry of a map: where its key begins and ends; its value stands behind `: `, up to the next `, `.
  struct Entry {
    var start: Int
    var keyEnd: Int
  }

  /// Leaves of the entries with one key the last value, where the first one stood, as avro-c does.
  ///
  /// `entries` are those of a map whose text ends the text. So no object of JSON has a name twice.
  mutating func keepLast(of entries: ArraySlice<Entry>) throws(AvroError) {
    guard entries.count > 1, let begin = entries.first?.start else { return }
    let order = entries.indices.sorted { left, right in
      let order = compare(entries[left], entries[right])
      return order < 0 || order == 0 && left < right
    }
    var last: [Int: Int] = [:]
    var dropped: Set<Int> = []
    var first = order[0]
    for (earlier, later) in zip(order, order.dropFirst()) {
      if compare(entries[earlier], entries[later]) == 0 {
        last[first] = later
        dropped.insert(later)
      } else {
        first = later
      }
    }
    guard !dropped.isEmpty else { return }
    let end = count
    var kept: [UInt8] = []
    for index in entries.indices where !dropped.contains(index) {
      let source = last[index] ?? index
      let next = source + 1
      let valueEnd = next < entries.endIndex ? entries[next].start - 2 : end
      if !kept.isEmpty { kept += Array(", ".utf8) }
      kept += bytes[entries[index].start..<entries[index].keyEnd]
      kept += bytes[entries[source].keyEnd..<valueEnd]
    }
    try replace(from: begin, by: kept)
  }

  private func compare(_ left: Entry, _ right: Entry) -> Int {
    let counts = (left.keyEnd - left.start, right.keyEnd - right.start)
    if counts.0 != counts.1 { return counts.0 - counts.1 }
    guard let base = bytes.baseAddress else { return 0 }
    return Int(memcmp(base + left.start, base + right.start, counts.0))
  }
}
