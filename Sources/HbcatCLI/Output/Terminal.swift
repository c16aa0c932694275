import Glibc

/// What a terminal can and is to do.
enum Terminal {
  /// Whether a descriptor is a terminal that knows how to move its cursor.
  static func isCapable(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1 && getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
  }

  /// Whether a descriptor is a terminal that is to have colour: not where `NO_COLOR` is set.
  static func hasColour(_ descriptor: Int32) -> Bool {
    isCapable(descriptor) && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
  }
}
