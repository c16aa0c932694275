import KafkaProtocol
import Testing

struct FrameDecoderTests {
  private func next(_ bytes: [UInt8], limit: Int = 100) throws(FrameError) -> FrameDecoder.Next {
    try bytes.reading { (buffer) throws(FrameError) in
      try FrameDecoder(limit: limit).next(in: buffer)
    }
  }

  @Test(arguments: [1, 2, 3, 5, 7, 1000])
  func `frames are found however the bytes drip in`(step: Int) throws {
    let messages: [[UInt8]] = [[1, 2, 3, 4], [UInt8](repeating: 9, count: 100), [5, 6, 7, 8, 9]]
    let stream: [UInt8] = messages.flatMap { [0, 0, 0, UInt8($0.count)] + $0 }
    var received: [UInt8] = []
    var found: [[UInt8]] = []
    for start in stride(from: 0, to: stream.count, by: step) {
      received += stream[start..<min(start + step, stream.count)]
      while case .frame(let message) = try next(received) {
        found.append([UInt8](received[message]))
        received.removeFirst(message.upperBound)
      }
    }
    #expect(found == messages)
    #expect(received.isEmpty)
  }

  @Test func `what is missing is known from the length on`() throws {
    #expect(try next([]) == .incomplete(total: 4))
    #expect(try next([0, 0, 0]) == .incomplete(total: 4))
    #expect(try next([0, 0, 0, 50]) == .incomplete(total: 54))
    #expect(try next([0, 0, 0, 4, 1, 2, 3]) == .incomplete(total: 8))
    #expect(try next([0, 0, 0, 4, 1, 2, 3, 4]) == .frame(message: 4..<8))
    #expect(try next([0, 0, 0, 4, 1, 2, 3, 4, 0]) == .frame(message: 4..<8))
  }

  @Test(arguments: [0, 3, -1, Int32.min, 101, Int32.max])
  func `a length outside 4 to the limit is an error`(length: Int32) {
    let bytes = (0..<4).reversed().map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    #expect {
      try next(bytes)
    } throws: {
      ($0 as? FrameError)?.length == Int(length) && ($0 as? FrameError)?.resembles == .nothing
    }
  }

  @Test(
    arguments: [
      ([0x15, 0x03, 0x03, 0x00], FrameError.Resemblance.tlsAlert),
      ([0x16, 0x03, 0x01, 0x02], .tlsHandshake), (Array("HTTP/1.1 400".utf8), .http),
      (Array("GET / HTTP/1.1".utf8), .http), (Array("SSH-2.0".utf8), .nothing),
    ] as [([UInt8], FrameError.Resemblance)])
  func `the error names the protocol that the peer seems to speak`(
    bytes: [UInt8], resembles: FrameError.Resemblance
  ) {
    #expect {
      try next(bytes, limit: 100_000_000)
    } throws: {
      ($0 as? FrameError)?.resembles == resembles
    }
  }
}
