public import KafkaProtocol

/// What shall go wrong with a request.
public enum Fault: Hashable, Sendable {
  /// The request is not carried out and answered with this error, in each partition where the API has such.
  case error(ErrorCode)
  /// The request is carried out this many milliseconds later; those behind it on its connection wait.
  case delay(milliseconds: Int64)
  /// The connection is closed, the request not carried out.
  case disconnectBefore
  /// The request is carried out and the connection closed instead of an answer.
  case disconnectAfter
  /// The answer ends after so many bytes, and the connection with it.
  case cut(afterBytes: Int)
  /// The request is carried out and never answered.
  case noReply
  /// One byte of the answer is inverted; counted from the start of the frame, its length included.
  case flipByte(at: Int)
  /// The request is carried out, and the answer tells the client to send nothing for so many
  /// milliseconds; what it sends is not read for that time (KIP-219).
  case throttle(milliseconds: Int32)
}

/// A rule: what shall go wrong with which requests, and how often.
public struct FaultRule: Hashable, Sendable {
  /// The requests; nil means all.
  public var api: APIKey?
  /// The broker that is asked; nil means any.
  public var broker: Int32?
  /// What goes wrong.
  public var fault: Fault
  /// How many requests it strikes before it is used up.
  public var times: Int

  /// Makes a rule that strikes the next `times` requests of an API, where one is named at one broker.
  public init(_ api: APIKey?, broker: Int32? = nil, _ fault: Fault, times: Int = 1) {
    self.api = api
    self.broker = broker
    self.fault = fault
    self.times = times
  }
}

/// The rules that wait, in the order given; the first that fits a request strikes.
struct FaultRules: Sendable {
  private var rules: [FaultRule] = []

  mutating func add(_ rule: FaultRule) {
    if rule.times > 0 { rules.append(rule) }
  }

  mutating func clear() { rules = [] }

  /// Takes the fault for a request; nil where none fits.
  mutating func take(_ api: APIKey, at broker: Int32) -> Fault? {
    let fits = rules.firstIndex {
      ($0.api == nil || $0.api == api) && ($0.broker == nil || $0.broker == broker)
    }
    guard let index = fits else { return nil }
    let fault = rules[index].fault
    rules[index].times -= 1
    if rules[index].times == 0 { rules.remove(at: index) }
    return fault
  }
}
