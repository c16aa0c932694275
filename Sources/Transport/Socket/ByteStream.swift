/// A connected stream of bytes: a `Socket`, or a `TLSSocket` over one.
@Net public protocol ByteStream: AnyObject {
  /// Who is told, from `startReading` on.
  var delegate: (any SocketDelegate)? { get set }
  /// Our own address.
  var localAddress: SocketAddress { get }
  /// The other side's address.
  var peerAddress: SocketAddress { get }

  /// Starts, or starts again, to read.
  func startReading()

  /// Stops reading: what comes waits.
  func stopReading()

  /// Ends the stream; `socketClosed` follows, not within this call.
  func close()

  /// Writes `pieces` one after another, as `Socket.write` does.
  func write(
    _ pieces: [UnsafeRawBufferPointer], keeping owners: [any AnyObject & Sendable],
    then: (@Net (TransportError?) -> Void)?)
}
