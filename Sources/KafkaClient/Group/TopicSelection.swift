internal import KafkaProtocol

/// Which topics a member wants: by name, or by `^regular expression`.
struct TopicSelection {
  /// In the order given.
  let names: [String]
  private let patterns: [TopicPattern]
  private let hidden: [TopicPattern]

  /// Takes names, and expressions, which begin with `^`.
  ///
  /// `blacklist` are expressions of topics that are taken for absent.
  /// - Throws: `TopicPatternError`.
  init(_ topics: [String], blacklist: [String]) throws(TopicPatternError) {
    var names: [String] = []
    var patterns: [TopicPattern] = []
    var hidden: [TopicPattern] = []
    for topic in topics {
      if topic.hasPrefix("^") {
        patterns.append(try TopicPattern(topic))
      } else {
        names.append(topic)
      }
    }
    for text in blacklist { hidden.append(try TopicPattern(text)) }
    self.names = names
    self.patterns = patterns
    self.hidden = hidden
  }

  /// What to ask the cluster for; nil: all topics.
  var asked: [String]? { patterns.isEmpty ? names : nil }

  /// What is there of it.
  struct Found {
    var topics: Set<String> = []
    /// Names and expressions for which there is no topic, and why.
    var missing: [(name: String, code: ErrorCode)] = []
  }

  /// What of it a cluster has.
  ///
  /// - Throws: `TopicPatternError` where an expression takes too long.
  func find(in metadata: ClusterMetadata) throws(TopicPatternError) -> Found {
    var found = Found()
    for name in names {
      let topic = metadata.topic(name)
      let code = topic?.errorCode ?? .unknownTopicOrPartition
      if code == .none, topic?.partitions.isEmpty == false, try !isHidden(name) {
        found.topics.insert(name)
      } else {
        found.missing.append((name, code == .none ? .unknownTopicOrPartition : code))
      }
    }
    guard !patterns.isEmpty else { return found }
    var matched = [Bool](repeating: false, count: patterns.count)
    for topic in metadata.topics where topic.errorCode == .none {
      guard try !isHidden(topic.name) else { continue }
      for (place, pattern) in patterns.enumerated() {
        // Kafka's own topics are found only by an expression that says so.
        guard !topic.isInternal || pattern.text.hasPrefix("^__"), try pattern.matches(topic.name)
        else { continue }
        matched[place] = true
        found.topics.insert(topic.name)
      }
    }
    for (place, pattern) in patterns.enumerated() where !matched[place] {
      found.missing.append((pattern.text, .unknownTopicOrPartition))
    }
    return found
  }

  private func isHidden(_ topic: String) throws(TopicPatternError) -> Bool {
    for expression in hidden where try expression.matches(topic) { return true }
    return false
  }
}
