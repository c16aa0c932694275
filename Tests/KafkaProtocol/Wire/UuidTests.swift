import KafkaProtocol
import Testing

struct UuidTests {
  /// What `org.apache.kafka.common.Uuid` of Kafka 4.3.1 prints.
  @Test(arguments: [
    (Uuid(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210), "ASNFZ4mrze_-3LqYdlQyEA"),
    (Uuid.zero, "AAAAAAAAAAAAAAAAAAAAAA"),
    (Uuid(high: .max, low: .max), "_____________________w"),
    (Uuid(high: 1 << 63 | 1, low: 1 << 63 | 1), "gAAAAAAAAAGAAAAAAAAAAQ"),
  ])
  func `an id prints as Kafka prints it`(id: Uuid, text: String) {
    #expect("\(id)" == text)
  }
}
