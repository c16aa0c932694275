extension Array {
  /// The place behind the last element, from `first` on, of which `isBefore` is true: those stand in front.
  func place(from first: Int = 0, behind isBefore: (Element) -> Bool) -> Int {
    var (low, high) = (first, count)
    while low < high {
      let middle = (low + high) / 2
      if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
