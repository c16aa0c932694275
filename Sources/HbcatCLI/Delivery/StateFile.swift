import Healthbot

/// The file of `--state`: a line for each change, the last of an alarm holds.
struct StateFile {
  private let file: DurableFile
  /// Which file was read, and how far; another one is read from its beginning.
  private var identity: UInt64?
  private var offset = 0
  private var lineCount = 0

  init(path: String) { file = DurableFile(path: path) }

  /// Takes what the file holds and others have added; answers how many lines were no state.
  mutating func read(
    into transitions: inout Transitions, creating: Bool
  ) throws(DurableFile.Failure) -> Int {
    try update(&transitions, appending: [], creating: creating)
  }

  /// As `read`, and adds lines behind it, on the disk when it returns.
  mutating func update(
    _ transitions: inout Transitions, appending lines: [UInt8], creating: Bool = true
  ) throws(DurableFile.Failure) -> Int {
    let file = file
    var broken = 0
    _ = try file.locked(creating: creating) { descriptor throws(DurableFile.Failure) in
      broken = try catchUp(descriptor, &transitions)
      guard !lines.isEmpty else { return }
      try file.append(lines, to: descriptor)
      lines.withUnsafeBytes { _ = transitions.apply($0) }
      lineCount += lines.count { $0 == UInt8(ascii: "\n") }
      offset = try file.size(descriptor)
      // Under the lock, so that nobody adds to the old file meanwhile.
      if lineCount > 2 * transitions.count + 1000 {
        try file.replace(with: transitions.lines())
        identity = nil
      }
    }
    return broken
  }

  private mutating func catchUp(
    _ descriptor: Int32, _ transitions: inout Transitions
  ) throws(DurableFile.Failure) -> Int {
    let current = try file.identity(descriptor)
    if identity != current {
      identity = current
      offset = 0
      lineCount = 0
    }
    let added = try file.read(descriptor, from: offset)
    let reading = added.withUnsafeBytes { transitions.apply($0) }
    lineCount += reading.takenCount + reading.brokenCount
    // A line that a kill cut off is read again with what follows it.
    offset += added.count - reading.tornByteCount
    return reading.brokenCount
  }
}
