import Glibc

/// A file that is one message: `produce FILE…` without `-l`.
enum FileMessage {
  /// Reads a whole file of at most `messageMax` bytes.
  ///
  /// By read(2): a file that shrinks under mmap(2) would end the process. Pipes and devices are read up to
  /// the limit. `shouldStop` is asked after each interruption by a signal.
  static func read(
    path: String, messageMax: Int, shouldStop: () -> Bool = { false }
  ) throws(InputError) -> [UInt8] {
    let descriptor = try open(path, shouldStop)
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .stat(path: path, errno: errno) }
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    let statedSize = isRegular ? Int(status.st_size) : 0
    guard statedSize <= messageMax else {
      throw .fileTooLarge(path: path, size: statedSize, isWhole: true, limit: messageMax)
    }
    var bytes: [UInt8] = []
    // One byte more than stated, so that the end is seen without growing.
    var room = min(statedSize, messageMax) + 1
    while true {
      let count = bytes.count
      let got = try appendBytes(descriptor, room, to: &bytes, path, shouldStop)
      if got == 0 { return bytes }
      guard bytes.count <= messageMax else {
        throw .fileTooLarge(path: path, size: bytes.count, isWhole: false, limit: messageMax)
      }
      room = min(max(4096, count + got), messageMax + 1 - bytes.count)
    }
  }

  private static func open(
    _ path: String, _ shouldStop: () -> Bool
  ) throws(InputError) -> Int32 {
    while true {
      let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
      if descriptor >= 0 { return descriptor }
      guard errno == EINTR else { throw .open(path: path, errno: errno) }
      if shouldStop() { throw .stopped }
    }
  }

  /// Appends up to `room` bytes of one read; 0 is the end.
  private static func appendBytes(
    _ descriptor: Int32, _ room: Int, to bytes: inout [UInt8], _ path: String,
    _ shouldStop: () -> Bool
  ) throws(InputError) -> Int {
    let old = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: room))
    while true {
      let got = bytes.withUnsafeMutableBytes { space in
        space.baseAddress.map { Glibc.read(descriptor, $0 + old, room) } ?? 0
      }
      if got >= 0 {
        bytes.removeLast(room - got)
        return got
      }
      guard errno == EINTR else { throw .readFile(path: path, errno: errno) }
      if shouldStop() { throw .stopped }
    }
  }
}
