/// `-s` and the schema registry that `-s avro` needs.
extension PlanBuilder {
  /// `-s`, checked where kcat checks it: behind mode and topic.
  func checkSerdes(consuming: Bool) throws(UsageError) {
    guard keySerdesText != nil || valueSerdesText != nil else { return }
    guard consuming else { throw .value("-s serdes only available in the consumer") }
    if try recordFormat().hasAvro, registry == nil {
      throw .value("-s avro requires -r <sr_url>")
    }
  }

  /// Takes a property of kcat's that is no property of librdkafka's: those of the schema registry's client.
  ///
  /// - Returns: whether it was one.
  mutating func setRegistry(_ property: PropertySetting) throws(UsageError) -> Bool {
    let prefix = "schema.registry."
    guard property.name.hasPrefix(prefix) else { return false }
    let name = String(property.name.dropFirst(prefix.count))
    switch (name, property.value) {
    // Ours: libserdes knows the system's authorities only.
    case ("ssl.ca.location", ""):
      throw .value("\(property.name) is empty; it names a file or folder of certificates")
    case ("ssl.ca.location", let path): registryAuthorities = path
    case ("url", let text): registry = try RegistryAddress.list(parsing: text)
    case ("deserializer.framing", "cp1"), ("serializer.framing", "cp1"),
      ("serializer.framing", "none"),
      ("debug", "all"), ("debug", "none"), ("debug", ""):
      break
    case ("deserializer.framing", "none"):
      throw .value(
        "schema.registry.deserializer.framing=none: without framing no record tells its schema")
    case ("deserializer.framing", _), ("serializer.framing", _):
      throw .value("Invalid value for \(name), allowed values: cp1, none")
    case ("debug", _): throw .value("Invalid value for debug, allowed values: all, none")
    default: throw .value("Unknown configuration property \(name)")
    }
    return true
  }
}
