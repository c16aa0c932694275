import KafkaProtocol

/// What is wrong with the text of a fault rule.
public struct FaultRuleError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The rule as it was given.
  public var text: String
  /// What is wrong and what would be right.
  public var reason: String
  /// A sentence for people.
  public var description: String { "fault rule \"\(text)\": \(reason)" }
}

extension FaultRule {
  /// Reads a rule such as `produce:error=NOT_LEADER_OR_FOLLOWER*2`.
  ///
  /// The form is `API[@BROKER]:FAULT[*TIMES]`; API is Kafka's name in any case, with hyphens or
  /// without, or `any`; FAULT is
  /// `error=NAME` (or its number), `delay=MILLISECONDSms`, `disconnect=before`, `disconnect=after`,
  /// `cut=BYTES`, `no-reply`, `flip=BYTE` or `throttle=MILLISECONDSms`.
  /// - Throws: `FaultRuleError`, which names what is not understood.
  public init(parsing text: String) throws(FaultRuleError) {
    func wrong(_ reason: String) -> FaultRuleError { FaultRuleError(text: text, reason: reason) }
    let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves.count == 2 else { throw wrong("say API:FAULT, as in fetch:delay=200ms") }
    let place = halves[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let wanted = place[0].lowercased().filter { $0 != "-" }
    var broker: Int32?
    if place.count == 2 {
      guard let id = Int32(place[1]), id >= 0 else {
        throw wrong("\"\(place[1])\" is not the id of a broker")
      }
      broker = id
    }
    var api: APIKey?
    if wanted != "any" {
      let answered = APIKey.allCases.filter { Dispatch.versions($0) != nil }
      api = answered.first { $0.name.lowercased() == wanted }
      if api == nil {
        let names = answered.map(\.name).joined(separator: ", ")
        throw wrong("there is no API \"\(place[0])\"; any, \(names) can be")
      }
    }
    let parts = halves[1].split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
    var times = 1
    if parts.count == 2 {
      guard let count = Int(parts[1]), count > 0 else {
        throw wrong("\"\(parts[1])\" is not a number of times, 1 or more")
      }
      times = count
    }
    let words = parts[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let value = words.count == 2 ? String(words[1]) : nil
    func number(_ value: String?, _ unit: String) throws(FaultRuleError) -> Int {
      var digits = value ?? ""
      if !unit.isEmpty, digits.hasSuffix(unit) { digits.removeLast(unit.count) }
      guard let number = Int(digits), number >= 0, number <= Int(Int32.max) else {
        throw wrong("\"\(value ?? "")\" is not a number from 0 to \(Int32.max)")
      }
      return number
    }
    let fault: Fault
    switch words.first.map(String.init) ?? "" {
    case "error": fault = .error(try Self.errorCode(value ?? "", in: text))
    case "delay": fault = .delay(milliseconds: Int64(try number(value, "ms")))
    case "disconnect":
      switch value {
      case "before": fault = .disconnectBefore
      case "after": fault = .disconnectAfter
      default: throw wrong("say disconnect=before or disconnect=after")
      }
    case "cut": fault = .cut(afterBytes: try number(value, ""))
    case "throttle": fault = .throttle(milliseconds: Int32(try number(value, "ms")))
    case "no-reply": fault = .noReply
    case "flip": fault = .flipByte(at: try number(value, ""))
    default:
      throw wrong(
        "there is no fault \"\(parts[0])\"; error=NAME, delay=200ms, disconnect=before,"
          + " disconnect=after, cut=BYTES, no-reply, flip=BYTE and throttle=200ms can be")
    }
    self.init(api, broker: broker, fault, times: times)
  }

  private static func errorCode(_ value: String, in text: String) throws(FaultRuleError)
    -> ErrorCode
  {
    if let code = Int16(value) { return ErrorCode(rawValue: code) }
    for code in Int16(-1)...256 where ErrorCode(rawValue: code).name == value {
      return ErrorCode(rawValue: code)
    }
    throw FaultRuleError(
      text: text,
      reason: "there is no error \"\(value)\"; say a name of Kafka's, as NOT_LEADER_OR_FOLLOWER,"
        + " or a number")
  }
}
