extension Cluster {
  /// The topics of the metadata but those that `topic.blacklist` hides.
  ///
  /// - Throws: `TopicPatternError` where an expression is none, or takes too long.
  public func visibleTopics() throws(TopicPatternError) -> [ClusterMetadata.Topic] {
    var hidden: [TopicPattern] = []
    for text in configuration.topicBlacklist { hidden.append(try TopicPattern(text)) }
    if hidden.isEmpty { return metadata.topics }
    var visible: [ClusterMetadata.Topic] = []
    topics: for topic in metadata.topics {
      for pattern in hidden where try pattern.matches(topic.name) { continue topics }
      visible.append(topic)
    }
    return visible
  }
}
