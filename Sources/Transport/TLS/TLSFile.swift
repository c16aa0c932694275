import Glibc

/// Files of keys and certificates: read whole, within bounds, and never waited for.
enum TLSFile {
  /// The file's bytes and its permission bits; a link is followed.
  ///
  /// - Throws: `TLSError` for what is no regular file (a pipe would block), is too long or cannot be read.
  static func read(_ path: String, max: Int, name: String) throws(TLSError)
    -> (bytes: [UInt8], mode: mode_t)
  {
    func failed(_ reason: String) -> TLSError { TLSError(.setup, "\(name): \(path): \(reason)") }
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw failed(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failed(String(cString: strerror(errno))) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw failed("it is not a regular file") }
    guard status.st_size <= max else {
      throw failed("it has \(status.st_size) bytes; at most \(max) are read")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count)
      }
      if got < 0, errno == EINTR { continue }
      if got < 0 { throw failed(String(cString: strerror(errno))) }
      if got == 0 { break }
      count += got
    }
    bytes.removeLast(bytes.count - count)
    return (bytes, status.st_mode & 0o7777)
  }

  /// Whether there is a folder of that name.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a folder has files such as `1a2b3c4d.0`, as `openssl rehash` makes them.
  static func hasHashedNames(_ path: String) -> Bool {
    guard let folder = opendir(path) else { return false }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { $0.prefix { $0 != 0 }.map { $0 } }
      guard name.count >= 10, name[8] == UInt8(ascii: ".") else { continue }
      let isHash = name[..<8].allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
      let isNumber = name[9...].allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      if isHash && isNumber { return true }
    }
    return false
  }
}
