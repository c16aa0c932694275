import Glibc
import TestSupport

/// A listener that is no broker: it never answers, or answers the first bytes with `answer` and closes.
final class Peer: Sendable {
  let address: String
  private let listener: Int32

  init(answering answer: String? = nil) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    self.listener = listener
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(listener, $0, size)
        _ = listen(listener, 64)
        _ = getsockname(listener, $0, &size)
      }
    }
    address = "127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
    // Without an answer the system accepts by itself, and nobody ever reads.
    guard let answer else { return }
    Task.detached { await onOwnThread { Self.serve(listener, Array(answer.utf8)) } }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  private static func serve(_ listener: Int32, _ answer: [UInt8]) {
    var block = [UInt8](repeating: 0, count: 4096)
    while true {
      let one = accept(listener, nil, nil)
      guard one >= 0 else { break }
      _ = read(one, &block, block.count)
      _ = answer.withUnsafeBytes {
        send(one, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      close(one)
    }
    close(listener)
  }
}
