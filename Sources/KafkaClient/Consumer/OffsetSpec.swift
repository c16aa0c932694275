/// Where in a partition to begin.
public enum OffsetSpec: Hashable, Sendable {
  /// The first offset that is still there.
  case beginning
  /// The offset that the next record will get.
  case end
  /// That offset.
  case absolute(Int64)
  /// That many records before the end, or the beginning where there are fewer.
  case tail(Int64)
  /// The first record with at least that timestamp, in milliseconds since 1970; the end if there is none.
  case timestamp(Int64)
}
