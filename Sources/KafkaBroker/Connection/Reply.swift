import KafkaProtocol
import Transport

/// What a handler makes of a request.
enum Outcome {
  /// An answer that goes out now.
  case reply(Reply)
  /// No answer: Produce with acks=0.
  case silence
  /// The answer comes later; the requests behind it on the connection wait, as in Kafka.
  case wait(any Wait)
  /// No answer, and the end of the connection: Produce with acks=0 that failed.
  case hangUp
  /// The client broke the protocol in a way that no answer can tell.
  case close(reason: String)
}

/// A framed response and the parts of logs that go into it.
struct Reply {
  var frame: OutgoingFrame
  /// Record data for the frame's splices: `RecordsSlice.offset` is an index into it.
  var slices: [LogSlice] = []

  /// The answer's bytes in one piece, for the faults that alter it.
  func flattened() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(frame.count)
    var written = 0
    for splice in frame.splices {
      bytes.append(contentsOf: frame.head[written..<splice.headCount])
      written = splice.headCount
      guard slices.indices.contains(splice.records.offset) else { continue }
      for piece in slices[splice.records.offset].pieces { bytes.append(contentsOf: piece.bytes) }
    }
    bytes.append(contentsOf: frame.head[written...])
    return bytes
  }

  /// Sends the answer by one call, records straight from the log.
  @Net func send(on socket: Socket, then: @escaping @Net (TransportError?) -> Void) {
    guard slices.contains(where: { !$0.pieces.isEmpty }) else {
      return socket.write(frame.head, then: then)
    }
    let head = Buffer(capacity: frame.head.count)
    head.space.copyBytes(from: frame.head)
    let headBytes = UnsafeRawBufferPointer(head.space)
    var pieces: [UnsafeRawBufferPointer] = []
    var owners: [any AnyObject & Sendable] = [head]
    var written = 0
    for splice in frame.splices where slices.indices.contains(splice.records.offset) {
      let slice = slices[splice.records.offset]
      guard !slice.pieces.isEmpty else { continue }
      if splice.headCount > written {
        pieces.append(UnsafeRawBufferPointer(rebasing: headBytes[written..<splice.headCount]))
        written = splice.headCount
      }
      for piece in slice.pieces {
        pieces.append(piece.bytes)
        owners.append(piece.block)
      }
    }
    if written < frame.head.count {
      pieces.append(UnsafeRawBufferPointer(rebasing: headBytes[written..<frame.head.count]))
    }
    socket.write(pieces, keeping: owners, then: then)
  }
}
