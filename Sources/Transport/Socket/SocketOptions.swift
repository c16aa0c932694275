/// How a socket is set up that a `Dialer` connects.
public struct SocketOptions: Hashable, Sendable {
  /// Whether the system asks now and then if a silent peer still lives.
  public var keepsAlive = true
  /// Bytes that the system holds for sending; 0 leaves it to the system.
  public var sendBufferBytes = 0
  /// Bytes that the system holds of what has come; 0 leaves it to the system.
  public var receiveBufferBytes = 0

  /// Makes those that sockets have unless somebody wants others.
  public init() {}
}
