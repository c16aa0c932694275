import Glibc

/// A file that is replaced as a whole: after a crash it is the old one or the new one.
///
/// A file beside it, with `.lock` behind the name, belongs to the process that uses it as long as that lives.
final class DurableFile {
  /// Bytes that are gathered before they are written.
  private static let blockSize = 256 << 10

  /// What went wrong.
  enum Failure: Error, CustomStringConvertible {
    /// A system call failed.
    case system(path: String, what: String, errno: Int32)
    /// Another process uses the file.
    case inUse(path: String)

    var description: String {
      switch self {
      case .system(let path, let what, let code):
        "Failed to \(what) \(path): \(systemMessage(code))"
      case .inUse(let path): "\(path) is in use by another process"
      }
    }
  }

  let path: String
  private let lock: Int32
  private var descriptor: Int32 = -1
  private var bytes: [UInt8] = []

  /// Takes a file, which need not be there yet.
  init(_ path: String) throws(Failure) {
    self.path = path
    lock = open(path + ".lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard lock >= 0 else {
      throw .system(path: path + ".lock", what: "open", errno: errno)
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw .inUse(path: path)
    }
  }

  deinit { close(lock) }

  /// Writes the file anew; `body` appends what it holds.
  func replace(_ body: (_ append: ([UInt8]) throws(Failure) -> Void) throws(Failure) -> Void)
    throws(Failure)
  {
    let draft = path + ".new"
    descriptor = open(draft, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(path: draft, what: "open", errno: errno) }
    bytes.removeAll(keepingCapacity: true)
    do throws(Failure) {
      try body { more throws(Failure) in
        bytes += more
        if bytes.count >= Self.blockSize { try flush(draft) }
      }
      try flush(draft)
      guard fsync(descriptor) == 0 else {
        throw .system(path: draft, what: "write", errno: errno)
      }
    } catch {
      close(descriptor)
      throw error
    }
    close(descriptor)
    guard rename(draft, path) == 0 else {
      throw .system(path: path, what: "replace", errno: errno)
    }
    try syncFolder()
  }

  private func flush(_ draft: String) throws(Failure) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { bytes in
        write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if count > 0 {
        written += count
      } else if errno != EINTR {
        throw .system(path: draft, what: "write", errno: errno)
      }
    }
    bytes.removeAll(keepingCapacity: true)
  }

  /// The new name is safe only when its folder is.
  private func syncFolder() throws(Failure) {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: folder, what: "open", errno: errno) }
    defer { close(descriptor) }
    // Some file systems cannot sync a folder, and say so.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw .system(path: folder, what: "write", errno: errno)
    }
  }
}
