public import KafkaProtocol

/// Acknowledgements that a broker did not take, or of which that is not known.
///
/// The records may be delivered again, to this member or to another.
public struct AcknowledgeFailure: Sendable {
  /// Which partition.
  public var partition: TopicIdPartition
  /// What was to become of its records; gaps are left out.
  public var acknowledgements: [ShareAcknowledgement]
  /// Why.
  public var error: ClientError

  init(_ partition: TopicIdPartition, _ all: [ShareAcknowledgement], _ error: ClientError) {
    self.partition = partition
    acknowledgements = all.filter { $0.type != .gap }
    self.error = error
  }

  /// How many records.
  public var count: Int64 { acknowledgements.reduce(0) { $0 &+ Int64($1.offsets.count) } }
}
