/// Finds where frames lie in bytes that arrive piece by piece; holds no bytes itself.
///
/// A frame is four bytes of length and that many bytes of message. The owner of the bytes keeps what is
/// not consumed yet and asks `next` after each arrival.
public struct FrameDecoder: Sendable {
  /// The longest message that is taken, in bytes, its length left off.
  public var limit: Int

  /// What the bytes so far amount to.
  public enum Next: Hashable, Sendable {
    /// Not a whole frame yet: with its length it will take `total` bytes from the start on.
    case incomplete(total: Int)
    /// A whole frame, its length left off; the next one begins where `message` ends.
    case frame(message: Range<Int>)
  }

  /// Makes a decoder.
  ///
  /// - Parameter limit: The longest message that is taken, in bytes.
  public init(limit: Int) { self.limit = limit }

  /// Looks for a whole frame at the start of `received`.
  ///
  /// Only the length is looked at, so the answer is known before any room is made for the message.
  /// - Throws: `FrameError` where the length cannot be that of a message.
  public func next(in received: UnsafeRawBufferPointer) throws(FrameError) -> Next {
    guard received.count >= 4 else { return .incomplete(total: 4) }
    let word = UInt32(bigEndian: received.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
    let length = Int(Int32(bitPattern: word))
    // The shortest message is a response that has nothing but its correlation id.
    guard length >= 4, length <= limit else {
      throw FrameError(length: length, limit: limit, resembles: .init(firstWord: word))
    }
    let end = 4 + length
    return received.count < end ? .incomplete(total: end) : .frame(message: 4..<end)
  }
}

/// A length that cannot be that of a message, and what its bytes look like instead.
public struct FrameError: Error, Hashable, Sendable {
  /// The length as it came, in bytes.
  public var length: Int
  /// The longest that is taken, in bytes.
  public var limit: Int
  /// What the four bytes are in another protocol.
  public var resembles: Resemblance

  /// Other protocols by their first four bytes.
  public enum Resemblance: Hashable, Sendable {
    /// No known one.
    case nothing
    /// An alert of TLS: the peer speaks TLS, we do not.
    case tlsAlert
    /// A handshake of TLS: the peer speaks TLS, we do not.
    case tlsHandshake
    /// A response or request of HTTP.
    case http

    init(firstWord word: UInt32) {
      switch word >> 16 {
      case 0x1503: self = .tlsAlert
      case 0x1603: self = .tlsHandshake
      default:
        // HTTP, GET, PUT, POST, HEAD, OPTI(ONS)
        let http: [UInt32] = [
          0x4854_5450, 0x4745_5420, 0x5055_5420, 0x504f_5354, 0x4845_4144, 0x4f50_5449,
        ]
        self = http.contains(word) ? .http : .nothing
      }
    }
  }
}

extension FrameError: CustomStringConvertible {
  /// A sentence for people, which names the likely cause.
  public var description: String {
    switch resembles {
    case .nothing: "a message of \(length) bytes is outside 4 to \(limit)"
    case .tlsAlert: "the peer answered with a TLS alert: it wants TLS (security.protocol=ssl?)"
    case .tlsHandshake: "the peer began a TLS handshake, but TLS is not spoken here"
    case .http: "the peer speaks HTTP, not Kafka: is this the right port?"
    }
  }
}
