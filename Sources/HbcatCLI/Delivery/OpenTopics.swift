import KafkaClient

/// The topics that were last written to, found by their names' bytes without making a text of them.
struct OpenTopics {
  /// A power of two.
  private static let slotCount = 1024

  private struct Slot {
    var name: [UInt8] = []
    var topic: ProducerInput.Topic?
  }

  private var slots: [Slot] = []

  /// The topic of a name; `find` is asked where it is not remembered.
  mutating func topic(
    _ name: [UInt8], _ find: (String) -> ProducerInput.Topic?
  ) -> ProducerInput.Topic? {
    if slots.isEmpty { slots = Array(repeating: Slot(), count: Self.slotCount) }
    var hasher = Hasher()
    name.withUnsafeBytes { hasher.combine(bytes: $0) }
    let place = hasher.finalize() & (Self.slotCount - 1)
    if slots[place].name == name, let topic = slots[place].topic { return topic }
    guard let topic = find(String(decoding: name, as: UTF8.self)) else { return nil }
    slots[place] = Slot(name: name, topic: topic)
    return topic
  }
}
