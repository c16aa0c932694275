import Glibc
import Transport

/// A file that outlives a kill and serves several processes: locked, synced, replaced as a whole.
struct DurableFile: Sendable {
  /// Why a file could not be used.
  struct Failure: Error, CustomStringConvertible {
    let path: String
    let what: String
    let code: Int32
    var description: String { "cannot \(what) \(path): \(systemMessage(code))" }
  }

  /// The largest file that is read, in bytes.
  static let bytesMax = 1 << 30

  let path: String

  /// Opens the file, locks it against other processes and calls `body` with its descriptor.
  ///
  /// Answers nil where the file is not there and is not to be created; it is created for its owner alone.
  func locked<T>(creating: Bool, _ body: (Int32) throws(Failure) -> T) throws(Failure) -> T? {
    while true {
      let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (creating ? O_CREAT : 0)
      let file = open(path, flags, 0o600)
      guard file >= 0 else {
        if errno == ENOENT && !creating { return nil }
        throw failure("open")
      }
      defer { close(file) }
      try lock(file)
      // While this one waited another process may have put a new file in its place.
      guard try isCurrent(file) else { continue }
      return try body(file)
    }
  }

  private func lock(_ file: Int32) throws(Failure) {
    while flock(file, LOCK_EX) != 0 {
      guard errno == EINTR else { throw failure("lock") }
    }
  }

  /// Opens the file, made where it is not there, and locks it until the descriptor is closed.
  ///
  /// Nil where another process has it for `waitMs` milliseconds.
  func tryLock(waitMs: Int64) throws(Failure) -> Int32? {
    let file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_CREAT, 0o600)
    guard file >= 0 else { throw failure("open") }
    let deadlineMs = MonotonicClock.nowMs + waitMs
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else {
        let failure = failure("lock")
        close(file)
        throw failure
      }
      guard MonotonicClock.nowMs < deadlineMs else {
        close(file)
        return nil
      }
      usleep(20_000)
    }
    return file
  }

  private func isCurrent(_ file: Int32) throws(Failure) -> Bool {
    var mine = stat()
    var named = stat()
    guard fstat(file, &mine) == 0 else { throw failure("open") }
    guard mine.st_mode & S_IFMT == S_IFREG else {
      throw Failure(path: path, what: "use", code: EISDIR)
    }
    return stat(path, &named) == 0 && mine.st_ino == named.st_ino && mine.st_dev == named.st_dev
  }

  /// The file's size in bytes.
  func size(_ file: Int32) throws(Failure) -> Int {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure("read") }
    return Int(status.st_size)
  }

  /// What identifies the file that has the name now.
  func identity(_ file: Int32) throws(Failure) -> UInt64 {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure("read") }
    return UInt64(status.st_ino)
  }

  /// The bytes from an offset to the end.
  func read(_ file: Int32, from offset: Int) throws(Failure) -> [UInt8] {
    let count = max(0, try size(file) - offset)
    guard count <= Self.bytesMax else { throw Failure(path: path, what: "read", code: EFBIG) }
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes { space in
        pread(file, space.baseAddress?.advanced(by: done), count - done, off_t(offset + done))
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw failure("read") }
      if got == 0 { break }
      done += got
    }
    return Array(bytes.prefix(done))
  }

  /// Appends lines and has them on the disk when it returns; what a kill cut off before ends with a newline.
  ///
  /// Where it fails, as on a full disk, the file is as it was.
  func append(_ lines: [UInt8], to file: Int32) throws(Failure) {
    let end = try size(file)
    let newline = UInt8(ascii: "\n")
    let isTorn = end > 0 ? try read(file, from: end - 1).last != newline : false
    do throws(Failure) {
      try write((isTorn ? [newline] : []) + lines, to: file, at: end)
      guard fdatasync(file) == 0 else { throw failure("sync") }
    } catch {
      ftruncate(file, off_t(end))
      throw error
    }
    if end == 0 { syncFolder() }
  }

  /// Puts fewer bytes in the place of what the locked `file` holds.
  ///
  /// As `replace`, but where the disk has no room for both it writes over what is there: a kill amid that
  /// leaves a line in pieces, which is better than to keep what is to go.
  func shrink(_ file: Int32, to bytes: [UInt8]) throws(Failure) {
    do throws(Failure) { try replace(with: bytes) } catch {
      guard error.code == ENOSPC || error.code == EDQUOT, bytes.count <= (try size(file)) else {
        throw error
      }
      try write(bytes, to: file, at: 0)
      guard ftruncate(file, off_t(bytes.count)) == 0, fsync(file) == 0 else {
        throw failure("write")
      }
    }
  }

  /// Puts a new file in the place of the old one: whoever looks finds the one or the other, whole.
  func replace(with bytes: [UInt8]) throws(Failure) {
    let temporary = DurableFile(path: "\(path).\(getpid()).new")
    let file = open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw temporary.failure("create") }
    do throws(Failure) {
      defer { close(file) }
      try temporary.write(bytes, to: file, at: 0)
      guard fsync(file) == 0 else { throw temporary.failure("sync") }
    } catch {
      unlink(temporary.path)
      throw error
    }
    guard rename(temporary.path, path) == 0 else {
      let failure = failure("replace")
      unlink(temporary.path)
      throw failure
    }
    syncFolder()
  }

  /// Takes the file away.
  func remove() throws(Failure) {
    guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove") }
    syncFolder()
  }

  private func write(_ bytes: [UInt8], to file: Int32, at offset: Int) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let put = bytes.withUnsafeBytes { bytes in
        pwrite(
          file, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset + done))
      }
      if put < 0 && errno == EINTR { continue }
      guard put > 0 else { throw failure("write") }
      done += put
    }
  }

  /// So that the name itself outlives a power cut; a file system that cannot has nothing better.
  private func syncFolder() {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private func failure(_ what: String) -> Failure { Failure(path: path, what: what, code: errno) }
}
