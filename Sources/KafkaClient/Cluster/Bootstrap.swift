internal import KafkaProtocol
internal import Transport

/// Tries addresses until one of them is a broker: each a while after the one before, or as soon as that has
/// failed, so that one that is silent does not use up the time of all (F12, F15, F16).
@Net final class Bootstrap {
  /// Head start of each address before the next is tried as well, in milliseconds.
  static let staggerMs: Int64 = 500

  /// An address as the user or the metadata give it.
  struct Address: Hashable {
    var host: String
    var port: UInt16
    /// `host:port`.
    var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  typealias Answer = Result<(Connection, Address), ClientError>

  private let addresses: [Address]
  private let open: @Net (Address) async throws(ClientError) -> Connection
  private var answer: (@Net (Answer) -> Void)?
  private var errors: [ClientError?]
  private var next = 0
  private var pending = 0
  private var stagger: Timer?

  private init(
    _ addresses: [Address],
    _ open: @escaping @Net (Address) async throws(ClientError) -> Connection,
    _ answer: @escaping @Net (Answer) -> Void
  ) {
    self.addresses = addresses
    self.open = open
    self.answer = answer
    errors = addresses.map { _ in nil }
  }

  /// The first connection that `open` gives.
  ///
  /// - Throws: `ClientError.unreachable` with the lines of all addresses; `notKafka` or `tls` where all are that; at
  ///   once what no other address mends.
  static func connect(
    _ addresses: [Address],
    open: @escaping @Net (Address) async throws(ClientError) -> Connection
  ) async throws(ClientError) -> (Connection, Address) {
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Answer, Never>) in
      Bootstrap(addresses, open) { continuation.resume(returning: $0) }.tryNext()
    }
    return try result.get()
  }

  private func tryNext() {
    stagger?.cancel()
    stagger = nil
    guard answer != nil else { return }
    guard next < addresses.count else {
      if pending == 0 { finish(.failure(failure)) }
      return
    }
    let place = next
    next += 1
    pending += 1
    if next < addresses.count {
      stagger = Timer(afterMs: Self.staggerMs) { self.tryNext() }
    }
    Net.task { await self.attempt(place) }
  }

  private func attempt(_ place: Int) async {
    let address = addresses[place]
    do throws(ClientError) {
      let connection = try await open(address)
      // A loser that comes late.
      if answer == nil { return connection.close() }
      finish(.success((connection, address)))
    } catch {
      pending -= 1
      errors[place] = error
      switch error {
      case .notKafka, .tls: tryNext()
      case let error where error.isRetriable: tryNext()
      default: finish(.failure(error))
      }
    }
  }

  private var failure: ClientError {
    var lines: [String] = []
    var foreign: ClientError?
    var foreignCount = 0
    for (address, error) in zip(addresses, errors) {
      guard let error else { continue }
      lines += error.details.isEmpty ? ["\(address.text): \(error.reason)"] : error.details
      switch error {
      case .notKafka, .tls:
        // The other addresses may be right.
        foreign = error
        foreignCount += 1
      default: break
      }
    }
    if let foreign, foreignCount == addresses.count { return foreign }
    return .unreachable(lines)
  }

  private func finish(_ result: Answer) {
    stagger?.cancel()
    stagger = nil
    let answer = answer
    self.answer = nil
    answer?(result)
  }
}
