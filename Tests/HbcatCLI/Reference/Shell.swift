import Glibc
import TestSupport

/// Programs run with a home folder of their own and no terminal.
enum Shell {
  /// Runs a program with no input.
  static func run(_ arguments: [String], home: ScratchFolder) async throws -> CommandResult {
    try await TestSupport.run(
      arguments,
      environment: [
        "HOME": home.path, "TMPDIR": home.path, "TERM": "dumb", "LC_ALL": "C.UTF-8",
      ])
  }
}

/// A folder of a test's own.
struct ScratchFolder {
  let path = Places.temporaryFolder()

  /// Writes a file and answers its path.
  func write(_ text: String, to name: String) -> String {
    let file = "\(path)/\(name)"
    guard let stream = fopen(file, "w") else { return file }
    fputs(text, stream)
    fclose(stream)
    return file
  }

  func remove() async throws { _ = try await TestSupport.run(["rm", "-rf", path]) }
}
