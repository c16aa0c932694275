/// Finds what somebody who mistyped may have meant.
public enum NearestName {
  /// The nearest of `names`; nil if none is near.
  public static func of(_ word: String, among names: [String]) -> String? {
    let limit = word.utf8.count <= 3 ? 1 : word.utf8.count <= 7 ? 2 : 3
    var best: (name: String, distance: Int)?
    for name in names {
      let near = distance(Array(word.utf8.prefix(64)), Array(name.utf8))
      let isPrefix = word.utf8.count >= 3 && name.hasPrefix(word)
      let rank = isPrefix ? min(near, limit) : near
      if rank <= limit, rank < name.utf8.count, rank < best?.distance ?? .max {
        best = (name, rank)
      }
    }
    return best?.name
  }

  /// Insertions, deletions, replacements and swaps of neighbours between two words.
  static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var older: [Int] = []
    var old = Array(0...second.count)
    for (row, byte) in first.enumerated() {
      var line = [row + 1]
      line.reserveCapacity(second.count + 1)
      for (column, other) in second.enumerated() {
        var least = min(old[column + 1], line[column]) + 1
        least = min(least, old[column] + (byte == other ? 0 : 1))
        if row > 0, column > 0, byte == second[column - 1], first[row - 1] == other {
          least = min(least, older[column - 1] + 1)
        }
        line.append(least)
      }
      older = old
      old = line
    }
    return old[second.count]
  }
}
