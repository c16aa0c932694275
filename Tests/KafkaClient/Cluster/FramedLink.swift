import Transport

/// A scripted peer's end of one client's connection: it hands over whole frames, their lengths left off.
@Net final class FramedLink: SocketDelegate {
  let socket: Socket
  private let take: @Net (UnsafeRawBufferPointer, FramedLink) -> Void
  private let whenClosed: @Net () -> Void
  private let buffer = Buffer(capacity: 64 << 10)

  init(
    _ socket: Socket, _ take: @escaping @Net (UnsafeRawBufferPointer, FramedLink) -> Void,
    whenClosed: @escaping @Net () -> Void = {}
  ) {
    self.socket = socket
    self.take = take
    self.whenClosed = whenClosed
    socket.delegate = self
    socket.startReading()
  }

  func readSpace(for socket: Socket) -> UnsafeMutableRawBufferPointer {
    if buffer.count == buffer.capacity { buffer.grow(to: buffer.capacity * 2) }
    return UnsafeMutableRawBufferPointer(rebasing: buffer.space[buffer.count...])
  }

  func socket(_ socket: Socket, read count: Int) {
    buffer.count += count
    while buffer.bytes.count >= 4 {
      let size = Int(Int32(bigEndian: buffer.bytes.loadUnaligned(as: Int32.self)))
      guard buffer.bytes.count >= 4 + size else { break }
      take(UnsafeRawBufferPointer(rebasing: buffer.bytes[4..<4 + size]), self)
      buffer.start += 4 + size
    }
    let rest = Array(buffer.bytes)
    buffer.space.copyBytes(from: rest)
    (buffer.start, buffer.count) = (0, rest.count)
  }

  func socketClosed(_ socket: Socket, error: TransportError?) { whenClosed() }
}
