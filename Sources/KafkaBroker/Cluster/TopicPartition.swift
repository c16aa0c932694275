/// One partition of a topic, by name.
struct TopicPartition: Hashable, Sendable {
  var topic: String
  var partition: Int32
}
