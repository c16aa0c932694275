import Glibc

/// What a plan may depend on beside the command line; a test gives its own.
struct Surroundings: Sendable {
  /// Why a file could not be read: an errno.
  struct FileError: Error, Equatable {
    var code: Int32
    var description: String { String(cString: strerror(code)) }
    static let tooLarge = FileError(code: EFBIG)
    static let noEntry = FileError(code: ENOENT)
    static let notFolder = FileError(code: ENOTDIR)
  }

  /// An environment variable's value; nil if it is unset.
  var variable: @Sendable (String) -> String?
  /// A whole file's bytes.
  var readFile: @Sendable (Argument) -> Result<[UInt8], FileError>
  /// The mode of a regular file, such as 0o644; nil for anything else.
  var fileMode: @Sendable (Argument) -> UInt32?
  /// Whether stdin is a terminal.
  var standardInputIsTerminal: @Sendable () -> Bool

  /// Those of this process.
  static let process = Surroundings(
    variable: { name in getenv(name).map { String(cString: $0) } },
    readFile: { path in
      do throws(FileError) { return .success(try read(path)) } catch { return .failure(error) }
    },
    fileMode: mode,
    standardInputIsTerminal: { isatty(0) == 1 })

  /// Bytes of a configuration file that are read at most.
  private static let fileBytesMax = 64 << 20

  private static func mode(_ path: Argument) -> UInt32? {
    var status = stat()
    let name = path.bytes.map { CChar(bitPattern: $0) } + [0]
    guard stat(name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return status.st_mode & 0o7777
  }

  private static func read(_ path: Argument) throws(FileError) -> [UInt8] {
    guard !path.bytes.contains(0) else { throw FileError(code: ENOENT) }
    let name = path.bytes.map { CChar(bitPattern: $0) } + [0]
    let file = open(name, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw FileError(code: errno) }
    defer { close(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = block.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileError(code: errno)
      }
      guard bytes.count + count <= fileBytesMax else { throw .tooLarge }
      bytes += block.prefix(count)
    }
  }
}
