public import KafkaProtocol

/// What a member's state machine wants done; `GroupMember.run` does it.
enum GroupAction {
  /// Send it; the answer goes to `joined`.
  case join(JoinGroupRequest)
  /// Find out how many partitions these topics have; the answer goes to `counted`.
  case countPartitions(Set<String>)
  /// Send it; the answer goes to `synced`.
  case sync(SyncGroupRequest)
  /// Send it; the answer goes to `beaten`.
  case heartbeat(HeartbeatRequest)
  /// Send it; the answer goes to `beaten`.
  case consumerHeartbeat(ConsumerGroupHeartbeatRequest)
  /// Send it, or not; nobody waits for the answer.
  case leave(GroupLeave)
  /// Ask anew who coordinates the group.
  case forgetCoordinator
  /// Begin to read these.
  case assign([TopicPartition])
  /// Read these no more; when what was written of them is committed, call `revoked`.
  case revoke([TopicPartition])
  /// They belong to somebody else already: read them no more, and commit nothing.
  case lose([TopicPartition])
  /// The membership is over.
  case fail(GroupFailure)
  /// A line for the log.
  case log(ClientLog)
}

/// How a member says that it goes.
enum GroupLeave {
  case classic(LeaveGroupRequest)
  case consumer(ConsumerGroupHeartbeatRequest)
}

/// Why a membership cannot go on.
public enum GroupFailure: Error, Sendable, CustomStringConvertible {
  /// Another process has the same `group.instance.id`.
  case fenced(ErrorCode)
  /// The coordinator refuses a request for good; `api` is its name.
  case refused(api: String, ErrorCode, message: String?)
  /// The broker sent what makes no sense, or is too old.
  case client(ClientError)
  /// What the group has committed cannot be had.
  case offsets(ClientError)
  /// A regular expression takes too long.
  case pattern(TopicPatternError)

  /// librdkafka's words.
  public var description: String {
    switch self {
    case .fenced(let code):
      "Fatal error: \(code.sentence): Fatal consumer error: \(code.sentence)"
    case .refused(let api, let code, let message):
      "\(api) failed: \(code.sentence)\(message.map { " (\($0))" } ?? "")"
    case .client(let error): "\(error)"
    case .offsets(let error): "Failed to fetch committed offsets: \(error)"
    case .pattern(let error): "\(error)"
    }
  }
}
