import KafkaClient

/// Which hbcat this is.
enum Version {
  static let number = "0.1.0"

  /// What `-V` prints; scripts look for a line that begins with `Version` and has `builtin.features`.
  static let text = """
    hbcat - netcat for Kafka
    Version \(number) (JSON, Avro, hbcat \(number) builtin.features=\
    \(PropertyTable.features.joined(separator: ",")))

    """
}
