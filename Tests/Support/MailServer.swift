import Glibc
import Synchronization

/// A mail server for a test, which keeps what it is told.
public final class MailServer: Sendable {
  /// `smtp://127.0.0.1:PORT`.
  public let url: String
  private let listener: Int32
  private let received = Received()

  private final class Received: Sendable {
    let commands = Mutex<[String]>([])
    let mails = Mutex<[String]>([])
    let connections = Mutex(0)
  }

  /// The commands that came, without CR LF.
  public var commands: [String] { received.commands.withLock { $0 } }
  /// The mails that came, up to the dot.
  public var mails: [String] { received.mails.withLock { $0 } }
  /// How many connections came.
  public var connectionCount: Int { received.connections.withLock { $0 } }

  /// Listens; `answer` may answer a command, or the mail (for which it is asked with `.`); nil for what is
  /// usual.
  public init(_ answer: @escaping @Sendable (String) -> String? = { _ in nil }) {
    let (listener, port) = WebServer.listenOnLoopback()
    self.listener = listener
    url = "smtp://127.0.0.1:\(port)"
    startThread { [received] in
      while true {
        let one = accept(listener, nil, nil)
        guard one >= 0 else { break }
        received.connections.withLock { $0 += 1 }
        startThread {
          Self.converse(one, received, answer)
          close(one)
        }
      }
      close(listener)
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }
}

extension MailServer {
  private static func converse(_ one: Int32, _ received: Received, _ answer: (String) -> String?) {
    var unread: [UInt8] = []
    /// The text before the next `end`.
    func next(_ end: String) -> String? {
      var block = [UInt8](repeating: 0, count: 4096)
      while true {
        if let found = unread.firstRange(of: Array(end.utf8)) {
          let text = String(decoding: unread[..<found.lowerBound], as: UTF8.self)
          unread.removeFirst(found.upperBound)
          return text
        }
        let count = read(one, &block, block.count)
        guard count > 0 else { return nil }
        unread += block[..<count]
      }
    }
    func say(_ text: String) {
      let line = Array("\(text)\r\n".utf8)
      _ = line.withUnsafeBytes { send(one, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
    say(answer("") ?? "220 test")
    while let command = next("\r\n") {
      received.commands.withLock { $0.append(command) }
      let reply = answer(command)
      switch command.prefix(4) {
      case "EHLO": say(reply ?? "250-test\r\n250 AUTH PLAIN")
      case "DATA" where reply == nil:
        say("354 go on")
        guard let mail = next("\r\n.\r\n") else { return }
        let verdict = answer(".") ?? "250 taken"
        if verdict.hasPrefix("2") { received.mails.withLock { $0.append(mail + "\r\n") } }
        say(verdict)
      case "QUIT":
        say(reply ?? "221 bye")
        return
      default: say(reply ?? "250 yes")
      }
    }
  }
}
