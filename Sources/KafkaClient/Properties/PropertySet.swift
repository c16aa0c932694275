/// The properties that were set, checked one by one; resolved to what a client, producer, consumer needs.
///
/// A set in which nothing was set does not build the table.
public struct PropertySet: Sendable {
  /// What was set, in the form that `-X dump` shows, by librdkafka's names.
  private(set) var values: [String: String] = [:]

  /// Makes a set in which every property has its default.
  public init() {}

  /// Sets a property by its name or an alias, with or without the prefix `topic.`; the last wins.
  ///
  /// - Throws: `PropertyError` in librdkafka's words, where it does not exist or does not take the value.
  public mutating func set(_ name: String, _ value: String) throws(PropertyError) {
    guard let property = PropertyTable.find(name) else { throw .unknown(name) }
    let normalized = try property.normalized(value)
    if property.name == "offset.store.method", normalized == "file" {
      throw .invalid(
        "file", property.name, why: "hbcat keeps offsets on the broker only",
        hint: "use broker")
    }
    if property.name == "buffer.memory" {
      values["queue.buffering.max.kbytes"] = normalized.flatMap { Int64($0) }.map {
        String($0 / 1024)
      }
    }
    values[property.name] = normalized
  }

  /// True where the property was set, under whatever name.
  public func isSet(_ name: String) -> Bool {
    values.isEmpty ? false : PropertyTable.find(name).map { values[$0.name] != nil } ?? false
  }

  /// What librdkafka warns of: properties that the other role alone uses, or nobody any more, and some that
  /// do not go well together.
  ///
  /// `role` is the client's, producer or consumer; with `.both` the first sort is left out.
  public func warnings(for role: Property.Role) -> [String] {
    if values.isEmpty { return [] }
    var warnings: [String] = []
    // As kcat has no topic yet when the client comes into being, topics' properties are not warned of.
    for property in PropertyTable.rows where values[property.name] != nil && !property.isTopics {
      if let deprecation = property.deprecation {
        warnings.append("Configuration property \(property.name) is deprecated: \(deprecation)")
      }
      switch (property.role, role) {
      case (.producer, .consumer):
        warnings.append(
          "Configuration property \(property.name) is a producer property and will be ignored by "
            + "this consumer instance")
      case (.consumer, .producer):
        warnings.append(
          "Configuration property \(property.name) is a consumer property and will be ignored by "
            + "this producer instance")
      case (.both, _), (.producer, _), (.consumer, _): break
      }
    }
    return warnings + mismatches(role)
  }

  private func mismatches(_ role: Property.Role) -> [String] {
    var warnings: [String] = []
    if role == .consumer {
      let waitMs = count("fetch.wait.max.ms") ?? ConsumerConfiguration().fetchWaitMaxMs
      let timeoutMs = integer("socket.timeout.ms") ?? ClientConfiguration().socketTimeoutMs
      if Int64(waitMs) + 1000 > timeoutMs {
        warnings.append(
          "Configuration property `fetch.wait.max.ms` (\(waitMs)) should be set lower than "
            + "`socket.timeout.ms` (\(timeoutMs)) by at least 1000ms to avoid blocking and timing out "
            + "sub-sequent requests")
      }
    }
    if let mechanism = text("sasl.mechanisms"), !speaksSASL {
      warnings.append(
        "Configuration property `sasl.mechanism` set to `\(mechanism)` but `security.protocol` is not "
          + "configured for SASL: recommend setting `security.protocol` to SASL_SSL or SASL_PLAINTEXT"
      )
    }
    let mechanism = text("sasl.mechanisms") ?? SASLMechanism.gssapi.rawValue
    if text("sasl.username") != nil, mechanism != "PLAIN", !mechanism.hasPrefix("SCRAM") {
      warnings.append(
        "Configuration property `sasl.username` only applies when `sasl.mechanism` is set to PLAIN or "
          + "SCRAM-SHA-..")
    }
    return warnings
  }

  /// What was set and changes nothing, each with its reason.
  public var notes: [String] {
    if values.isEmpty { return [] }
    return PropertyTable.rows.filter { values[$0.name] != nil }.compactMap { property in
      guard case .accepted(let why) = property.effect else { return nil }
      return "Configuration property \(property.name) changes nothing: \(why)"
    }
  }

  // MARK: Values for the configurations

  func text(_ name: String) -> String? { values[name] }
  func integer(_ name: String) -> Int64? { values[name].flatMap { Int64($0) } }
  func count(_ name: String) -> Int? { integer(name).map { Int(clamping: $0) } }
  func decimal(_ name: String) -> Double? { values[name].flatMap { Double($0) } }
  func bool(_ name: String) -> Bool? { values[name].map { $0 == "true" } }

  /// The expressions of a list.
  static func patterns(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
  }
}
