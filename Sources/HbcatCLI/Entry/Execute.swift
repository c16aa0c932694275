import Glibc

/// Carries out a plan; the answer is the exit code.
func execute(_ plan: Plan, _ messages: Messages) -> Int32 {
  switch plan {
  case .information(let text): return printOut(text, messages)
  case .list, .produce, .consume, .notify, .broker, .demo, .propertyList, .propertyDump:
    messages.fatal("not built yet")
    return 1
  }
}

/// Writes a text to stdout, all of it or an error; a closed pipe is no error.
private func printOut(_ text: String, _ messages: Messages) -> Int32 {
  signal(SIGPIPE, SIG_IGN)
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if errno == EPIPE {
      return 0
    } else if errno != EINTR {
      messages.fatal("Output write error: \(String(cString: strerror(errno)))")
      return 1
    }
  }
  return 0
}
