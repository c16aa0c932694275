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

  /// What is kept of a notification, and the turn to deliver it, which no other process has meanwhile.
  final class Turn {
    let notification: String
    /// The oldest first.
    let entries: [SpoolEntry]
    /// Lines that were no entries, such as what a kill cut off.
    let brokenCount: Int
    /// What the entries take in the file; others add behind it.
    fileprivate let byteCount: Int
    private let lock: Int32

    fileprivate init(
      _ notification: String, _ entries: [SpoolEntry], brokenCount: Int, byteCount: Int,
      lock: Int32
    ) {
      self.notification = notification
      self.entries = entries
      self.brokenCount = brokenCount
      self.byteCount = byteCount
      self.lock = lock
    }

    // The lock's file stays, since taking it away would let two in.
    deinit { close(lock) }
  }

  /// How `begin` ended.
  enum Begun {
    case turn(Turn)
    /// Nothing is kept.
    case nothing
    /// Another process delivers what is kept, and was still at it after the time.
    case busy
  }

  /// Begins to deliver what is kept of a notification: `end` is to be called behind it.
  func begin(_ notification: String, waitMs: Int64) throws(DurableFile.Failure) -> Begun {
    let file = file(of: notification)
    let lockFile = DurableFile(path: "\(file.path).lock")
    guard let lock = try lockFile.tryLock(waitMs: waitMs) else { return .busy }
    let kept: [UInt8]
    do throws(DurableFile.Failure) {
      kept =
        try file.locked(creating: false) { descriptor throws(DurableFile.Failure) in
          try file.read(descriptor, from: 0)
        } ?? []
    } catch {
      close(lock)
      throw error
    }
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
    let turn = Turn(
      notification, entries, brokenCount: broken, byteCount: kept.count, lock: lock)
    return kept.isEmpty ? .nothing : .turn(turn)
  }

  /// Ends a turn: of its entries `rest` stays, with what was added meanwhile.
  func end(_ turn: Turn, keeping rest: [SpoolEntry]) throws(DurableFile.Failure) {
    // Nothing was delivered, and no line is to go.
    if rest.count == turn.entries.count, turn.brokenCount == 0 { return }
    let file = file(of: turn.notification)
    _ = try file.locked(creating: false) { descriptor throws(DurableFile.Failure) in
      let bytes = rest.flatMap(\.line) + (try file.read(descriptor, from: turn.byteCount))
      if bytes.isEmpty { try file.remove() } else { try file.shrink(descriptor, to: bytes) }
    }
  }
}
