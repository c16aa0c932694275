import KafkaClient
import Transport

/// What every command that talks to a cluster does with the client's errors and log lines.
struct ClientSetup {
  let plan: ClientPlan
  let messages: Messages

  /// A client for the plan's cluster; nothing is dialled yet.
  @Net func cluster(_ configuration: ClientConfiguration) -> Cluster {
    Cluster(configuration, log: log)
  }

  /// Takes the client's log lines: warnings and worse as usual, what `-d` asks for always, the rest with
  /// more `-v`.
  var log: @Sendable (ClientLog) -> Void {
    { [messages] line in
      guard messages.logFilter.shows(line, verbosity: messages.verbosity) else { return }
      messages.line("%\(line.level.rawValue)|\(Self.now())|\(line.facility)|hbcat| \(line.text)")
    }
  }

  /// Seconds since 1970 with milliseconds, as librdkafka's log lines have them.
  private static func now() -> String {
    let ms = WallClock.nowMs
    let rest = String(ms % 1000)
    return "\(ms / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }

  /// Says why a command ends, with a line for each address that was tried.
  func fail(_ what: String, _ error: ClientError, hint: String = "") -> Int32 {
    sayDetails(of: error)
    messages.fatal("\(what): \(error)\(hint)")
    return 1
  }

  /// Says what lies behind an error, unless the user wants quiet and no `-d`.
  func sayDetails(of error: ClientError) {
    for line in error.details { log(ClientLog(.error, "FAIL", line)) }
  }

  /// kcat's hint behind a metadata error.
  static let metadataHint =
    " (Are the brokers reachable? Also try increasing the metadata timeout with -m <timeout>?)"
}
