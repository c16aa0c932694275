import Glibc
import HTTP
import Healthbot

/// The folder of `--spool`: a file for each notification, in it a line for each thing not delivered.
struct SpoolFolder: Sendable {
  /// The most bytes that are kept for one notification.
  static let bytesMax = 64 << 20

  private static let suffix = ".spool"

  let path: String

  /// Uses a folder, and makes it where it is not there.
  init(_ path: String) throws(DurableFile.Failure) {
    self.path = path
    if mkdir(path, 0o700) != 0 && errno != EEXIST {
      throw DurableFile.Failure(path: path, what: "create", code: errno)
    }
    guard access(path, R_OK | W_OK | X_OK) == 0 else {
      throw DurableFile.Failure(path: path, what: "use", code: errno)
    }
  }

  /// The notifications of which something is kept.
  func notifications() throws(DurableFile.Failure) -> [String] {
    guard let folder = opendir(path) else {
      throw DurableFile.Failure(path: path, what: "read", code: errno)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasSuffix(Self.suffix) else { continue }
      if let notification = PercentEncoding.decoded(String(name.dropLast(Self.suffix.count))) {
        names.append(notification)
      }
    }
    return names.sorted()
  }

  private func file(of notification: String) -> DurableFile {
    DurableFile(path: "\(path)/\(PercentEncoding.encoded(notification))\(Self.suffix)")
  }

  /// Keeps what could not be delivered, on the disk when it returns; answers how many entries had room.
  func keep(_ entries: [SpoolEntry], for notification: String) throws(DurableFile.Failure) -> Int {
    let file = file(of: notification)
    return try file.locked(creating: true) { descriptor throws(DurableFile.Failure) in
      var room = Self.bytesMax - (try file.size(descriptor))
      var lines: [UInt8] = []
      var count = 0
      for entry in entries {
        let line = entry.line
        guard line.count <= room else { break }
        room -= line.count
        lines += line
        count += 1
      }
      if count > 0 { try file.append(lines, to: descriptor) }
      return count
    } ?? 0
  }

  /// How `drain` ended.
  enum Drained: Equatable {
    /// So many lines were no entries, such as what a kill cut off; they are gone.
    case done(brokenLines: Int)
    /// Another process is at it.
    case busy
  }

  /// Sends what is kept of a notification: `deliver` gets it in order and answers what is to stay.
  ///
  /// Other processes that deliver the same wait meanwhile, `waitMs` at most; what they add is not touched.
  func drain(
    _ notification: String, waitMs: Int64, _ deliver: ([SpoolEntry]) -> [SpoolEntry]
  ) throws(DurableFile.Failure) -> Drained {
    let file = file(of: notification)
    let turn = DurableFile(path: "\(file.path).lock")
    guard let descriptor = try turn.tryLock(waitMs: waitMs) else { return .busy }
    // Its end unlocks it; the lock's file stays, since taking it away would let two in.
    defer { close(descriptor) }
    let kept = try file.locked(creating: false) { descriptor throws(DurableFile.Failure) in
      try file.read(descriptor, from: 0)
    }
    guard let kept, !kept.isEmpty else { return .done(brokenLines: 0) }
    var entries: [SpoolEntry] = []
    var broken = 0
    kept.withUnsafeBytes { bytes in
      for line in bytes.split(separator: UInt8(ascii: "\n")) {
        if let entry = SpoolEntry(line: UnsafeRawBufferPointer(rebasing: line)) {
          entries.append(entry)
        } else {
          broken += 1
        }
      }
    }
    let rest = deliver(entries)
    _ = try file.locked(creating: false) { descriptor throws(DurableFile.Failure) in
      let added = try file.read(descriptor, from: kept.count)
      let bytes = rest.flatMap(\.line) + added
      if bytes.isEmpty { try file.remove() } else { try file.replace(with: bytes) }
    }
    return .done(brokenLines: broken)
  }
}
