import Glibc

/// A file without a name, to write into and to look at afterwards.
final class Capture {
  let descriptor: Int32

  init() {
    var path = Array("/tmp/hbcat-test-XXXXXX".utf8CString)
    descriptor = mkstemp(&path)
    precondition(descriptor >= 0)
    unlink(path)
  }

  deinit { close(descriptor) }

  var bytes: [UInt8] {
    var result: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = pread(descriptor, &block, block.count, off_t(result.count))
      guard count > 0 else { return result }
      result += block[..<count]
    }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// The two ends of a pipe, closed at the end unless that was done before.
final class Pipe {
  private(set) var reading: Int32
  private(set) var writing: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0)
    (reading, writing) = (ends[0], ends[1])
  }

  func closeReading() {
    if reading >= 0 { close(reading) }
    reading = -1
  }

  func closeWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }

  /// The reading end has been closed by another.
  func forgetReading() { reading = -1 }

  /// The writing end has been closed by another.
  func forgetWriting() { writing = -1 }

  func write(_ bytes: [UInt8]) {
    precondition(Glibc.write(writing, bytes, bytes.count) == bytes.count)
  }

  deinit {
    closeReading()
    closeWriting()
  }
}
