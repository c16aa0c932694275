@testable import Transport

/// A client's and a server's engine that pass one another their bytes.
@Net final class EnginePair {
  let client: TLSEngine
  let server: TLSEngine
  /// What ended the handshake on either side.
  private(set) var clientError: TLSError?
  private(set) var serverError: TLSError?

  init(
    _ client: TLSContext, _ server: TLSContext, host: String = "localhost", port: UInt16 = 9093
  ) throws {
    self.client = try client.engine(host: host, port: port)
    self.server = try server.engine(host: host, port: port)
  }

  /// Carries bytes from one side to the other, `step` at a time; false where there were none.
  @discardableResult
  func carry(_ from: TLSEngine, _ to: TLSEngine, step: Int = TLSEngine.feedMax) throws -> Bool {
    let buffer = Buffer(capacity: step)
    var any = false
    while from.pendingCount > 0 {
      let count = from.take(into: UnsafeMutableRawBufferPointer(rebasing: buffer.space[..<step]))
      try to.feed(UnsafeRawBufferPointer(rebasing: buffer.space[..<count]))
      any = true
    }
    return any
  }

  /// Shakes hands as far as that goes; true where both sides are done.
  func shakeHands(step: Int = TLSEngine.feedMax) throws -> Bool {
    var clientDone = false
    var serverDone = false
    while true {
      do throws(TLSError) { clientDone = try client.handshake() } catch { clientError = error }
      var moved = try carry(client, server, step: step)
      do throws(TLSError) { serverDone = try server.handshake() } catch { serverError = error }
      if try carry(server, client, step: step) { moved = true }
      if clientError != nil || serverError != nil || !moved { break }
    }
    // An alert may be on its way.
    if clientError == nil {
      do throws(TLSError) { clientDone = try client.handshake() } catch { clientError = error }
    }
    return clientDone && serverDone && clientError == nil && serverError == nil
  }

  /// Writes all of `bytes` at one side and reads them at the other.
  func pass(_ bytes: [UInt8], _ from: TLSEngine, _ to: TLSEngine) throws -> [UInt8] {
    var received: [UInt8] = []
    var sent = 0
    let space = Buffer(capacity: 1000)
    while true {
      if sent < bytes.count {
        sent += try bytes.withUnsafeBytes {
          try from.write(UnsafeRawBufferPointer(rebasing: $0[sent...]))
        }
      }
      try carry(from, to)
      reading: while true {
        switch try to.read(into: space.space) {
        case .bytes(let count): received += space.space[..<count]
        case .wantsMore, .ended: break reading
        }
      }
      if sent == bytes.count { return received }
    }
  }

  /// What the client hears next: the plaintext's end, or the error that it is.
  func clientHears() -> TLSError? {
    let space = Buffer(capacity: 100)
    do throws(TLSError) {
      _ = try client.read(into: space.space)
      return nil
    } catch {
      return error
    }
  }
}
