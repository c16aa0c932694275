import Glibc

/// Where things are on this machine.
public enum Places {
  /// The package's root: the folder with Package.swift.
  public static let package: String = {
    var path = #filePath
    for _ in 0..<3 { path = parent(path) }
    return path
  }()

  /// The project's shared material; nil where it is absent, as on a user's machine.
  public static let shared: String? = {
    let candidate =
      getenv("HBCAT_SHARED").map { String(cString: $0) } ?? parent(package) + "/shared"
    return exists(candidate) ? candidate : nil
  }()

  /// The hbcat that is tested: the one that was built with the tests, or `HBCAT_BINARY`.
  public static let hbcat: String = {
    if let given = getenv("HBCAT_BINARY") { return String(cString: given) }
    return package + "/.build/debug/hbcat"
  }()

  /// True where a command of that name is on the PATH.
  public static func has(_ command: String) -> Bool {
    guard let path = getenv("PATH").map({ String(cString: $0) }) else { return false }
    return path.split(separator: ":").contains { access("\($0)/\(command)", X_OK) == 0 }
  }

  /// True where the file or folder exists.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// A file's bytes; nil where it cannot be read.
  public static func contents(_ path: String) -> [UInt8]? {
    let fd = open(path, O_RDONLY)
    guard fd >= 0 else { return nil }
    defer { close(fd) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(fd, &block, block.count)
      if count <= 0 { return count == 0 ? bytes : nil }
      bytes += block[..<count]
    }
  }

  /// A fresh folder under the system's temporary one.
  public static func temporaryFolder() -> String {
    var template = Array("/tmp/hbcat-test-XXXXXX".utf8CString)
    return mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
  }

  private static func parent(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
  }
}
