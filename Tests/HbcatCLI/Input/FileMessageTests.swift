import Glibc
import Testing

@testable import HbcatCLI

@Suite struct FileMessageTests {
  /// A folder of its own, removed with what was put into it.
  final class Folder {
    let path: String
    private var files: [String] = []

    init() {
      var template = Array("/tmp/hbcat-test-XXXXXX".utf8CString)
      path = mkdtemp(&template).map { String(cString: $0) } ?? ""
      precondition(!path.isEmpty)
    }

    func file(_ name: String, _ bytes: [UInt8]) -> String {
      let file = "\(path)/\(name)"
      let descriptor = open(file, O_WRONLY | O_CREAT, 0o600)
      precondition(write(descriptor, bytes, bytes.count) == bytes.count)
      close(descriptor)
      files.append(file)
      return file
    }

    deinit {
      for file in files { unlink(file) }
      rmdir(path)
    }
  }

  let folder = Folder()

  @Test(arguments: [0, 1, 4095, 4096, 4097, 99_999, 100_000])
  func `a file is read whole`(size: Int) throws {
    var random = Repeatable(UInt64(size))
    let bytes = random.bytes(size)
    let path = folder.file("data", bytes)
    let isSame = try FileMessage.read(path: path, messageMax: 100_000) == bytes
    #expect(isSame)
  }

  @Test func `a file that is too large is refused by its size, unread`() throws {
    let path = folder.file("large", [])
    try #require(truncate(path, 1 << 40) == 0)
    let error = #expect(throws: InputError.self) {
      try FileMessage.read(path: path, messageMax: 1_000_000)
    }
    #expect(
      error?.description == "Failed to produce message (1099511627776 bytes): "
        + "Broker: Message size too large: \(path) (message.max.bytes is 1000000)")
  }

  @Test func `a device without end is refused at the limit`() {
    #expect(
      throws: InputError.fileTooLarge(
        path: "/dev/zero", size: 100_001, isWhole: false, limit: 100_000)
    ) {
      try FileMessage.read(path: "/dev/zero", messageMax: 100_000)
    }
  }

  @Test func `a file whose size is not stated is read`() throws {
    #expect(try FileMessage.read(path: "/proc/self/stat", messageMax: 100_000).count > 50)
  }

  @Test func `what cannot be read is named`() {
    let missing = #expect(throws: InputError.self) {
      try FileMessage.read(path: folder.path + "/none", messageMax: 10)
    }
    #expect(
      missing?.description == "Failed to open \(folder.path)/none: No such file or directory")
    let directory = #expect(throws: InputError.self) {
      try FileMessage.read(path: folder.path, messageMax: 10)
    }
    #expect(directory?.description == "Failed to read \(folder.path): Is a directory")
  }
}
