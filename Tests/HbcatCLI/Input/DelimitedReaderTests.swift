import Glibc
import Testing

@testable import HbcatCLI

@Suite struct DelimitedReaderTests {
  static let newline = Delimiter([10])

  /// Feeds `input` in pieces and gathers the messages.
  func read(
    _ input: [UInt8], pieces: [Int] = [], delimiter: Delimiter = newline,
    messageMax: Int = 1_000_000, blockSize: Int = 64
  ) throws -> [[UInt8]] {
    let pipe = Pipe()
    _ = fcntl(pipe.reading, F_SETFL, O_NONBLOCK)
    var reader = DelimitedReader(
      descriptor: pipe.reading, delimiter: delimiter, messageMax: messageMax, blockSize: blockSize)
    var messages: [[UInt8]] = []
    var rest = input[...]
    var sizes = pieces[...]
    while true {
      while let message = try reader.next() { messages.append([UInt8](message)) }
      switch try reader.fill() {
      case .bytes, .interrupted: continue
      case .nothingYet:
        if rest.isEmpty {
          pipe.closeWriting()
        } else {
          let piece = rest.prefix(sizes.popFirst() ?? 1000)
          pipe.write([UInt8](piece))
          rest = rest.dropFirst(piece.count)
        }
      case .end:
        while let message = try reader.next() { messages.append([UInt8](message)) }
        return messages
      }
    }
  }

  static func naive(_ input: [UInt8], _ delimiter: [UInt8]) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    var message: [UInt8] = []
    var at = 0
    while at < input.count {
      if input[at...].starts(with: delimiter) {
        messages.append(message)
        message = []
        at += delimiter.count
      } else {
        message.append(input[at])
        at += 1
      }
    }
    return (messages + [message]).filter { !$0.isEmpty }
  }

  @Test func `lines are split, empty ones left out, and the last needs no delimiter`() throws {
    let messages = try read(Array("one\n\ntwo\r\n\n\nlast".utf8))
    #expect(messages.map { String(decoding: $0, as: UTF8.self) } == ["one", "two\r", "last"])
    #expect(try read([]).isEmpty)
    #expect(try read([10, 10, 10]).isEmpty)
  }

  @Test func `NUL is a delimiter like any other`() throws {
    let messages = try read(Array("a\nb\0c\0".utf8), delimiter: Delimiter([0]))
    #expect(messages == [Array("a\nb".utf8), Array("c".utf8)])
  }

  @Test func `a part of a delimiter is a part of the message`() throws {
    let crlf = Delimiter([13, 10])
    #expect(try read([97, 13, 13, 10, 98, 10, 13], delimiter: crlf) == [[97, 13], [98, 10, 13]])
  }

  @Test func `fed byte by byte or in pieces, messages are those of a naive split`() throws {
    var random = Repeatable(31)
    let delimiters: [[UInt8]] = [[10], [13, 10], [97, 97], [97, 97, 98], [97, 98, 97, 98]]
    for round in 0..<300 {
      let delimiter = delimiters[round % delimiters.count]
      let input =
        round % 2 == 0
        ? random.bytes(Int.random(in: 0...500, using: &random), from: 97...98)
        : random.bytes(Int.random(in: 0...500, using: &random), from: 8...14)
      let pieces =
        round % 3 == 0
        ? Array(repeating: 1, count: input.count)
        : (0..<input.count).map { _ in Int.random(in: 1...40, using: &random) }
      let messages = try read(
        input, pieces: pieces, delimiter: Delimiter(delimiter),
        blockSize: [1, 7, 64, 4096][round % 4])
      let isSame = messages == Self.naive(input, delimiter)
      try #require(isSame, "round \(round)")
    }
  }

  @Test func `a message may have as many bytes as allowed, wherever blocks end`() throws {
    for size in [99, 100] {
      for count in [1, 3] {
        let message = Array(repeating: UInt8(120), count: size)
        let input = Array(repeating: message, count: count).joined(separator: [13, 10])
        let messages = try read(
          Array(input), delimiter: Delimiter([13, 10]), messageMax: 100, blockSize: 33)
        #expect(messages == Array(repeating: message, count: count))
      }
    }
  }

  @Test(arguments: [10, 1000])
  func `a longer message is an error that names its line and size, behind those before it`(
    blockSize: Int
  ) throws {
    let pipe = Pipe()
    pipe.write(Array("one\n\nthree\n".utf8) + Array(repeating: 120, count: 120) + [10, 97, 10])
    pipe.closeWriting()
    var reader = DelimitedReader(
      descriptor: pipe.reading, messageMax: 100, blockSize: blockSize)
    var messages = 0
    do {
      while true {
        while try reader.next() != nil { messages += 1 }
        if try reader.fill() == .end { break }
      }
      Issue.record("no error")
    } catch {
      let isWhole = blockSize > 100
      guard case .messageTooLong(line: 4, let found, isWhole, limit: 100) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(isWhole ? found == 120 : (101...119).contains(found))
      #expect(
        error.description == "Input is too large, maximum size is 100: line 4 has "
          + "\(isWhole ? "" : "at least ")\(found) bytes (see -X message.max.bytes)")
    }
    #expect(messages == 2)
  }

  @Test func `F33: input without end or delimiter is refused at the limit`() throws {
    let zeros = open("/dev/zero", O_RDONLY)
    defer { close(zeros) }
    var reader = DelimitedReader(descriptor: zeros, messageMax: 100_000, blockSize: 4096)
    var blocks = 0
    var found: InputError?
    do {
      while try reader.next() == nil {
        _ = try reader.fill()
        blocks += 1
      }
    } catch { found = error }
    guard case .messageTooLong(line: 1, let size, isWhole: false, limit: 100_000) = found else {
      Issue.record("\(String(describing: found))")
      return
    }
    #expect(size > 100_000 && size <= 100_000 + 4096 && blocks < 30)
  }

  @Test func `F33: a last message that is too long is refused with its whole size`() throws {
    #expect(
      throws: InputError.messageTooLong(line: 1, size: 101, isWhole: true, limit: 100)
    ) {
      try read(
        Array(repeating: 120, count: 101), delimiter: Delimiter([13, 10]), messageMax: 100)
    }
  }

  @Test func `a directory is an error of read`() {
    let folder = open("/", O_RDONLY)
    defer { close(folder) }
    var reader = DelimitedReader(descriptor: folder)
    var found: InputError?
    do { _ = try reader.fill() } catch { found = error }
    #expect(found == .read(errno: EISDIR))
  }

  @Test func `a full block says that more may be there`() throws {
    let pipe = Pipe()
    pipe.write(Array(repeating: 97, count: 150))
    var reader = DelimitedReader(descriptor: pipe.reading, blockSize: 100)
    var fills = [try reader.fill(), try reader.fill()]
    pipe.closeWriting()
    fills.append(try reader.fill())
    #expect(fills == [.bytes(isFull: true), .bytes(isFull: false), .end])
    let counts = [try reader.next()?.count, try reader.next()?.count]
    #expect(counts == [150, nil])
  }
}
