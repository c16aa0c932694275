extension PropertySet {
  /// All properties and their values, as kcat's `-X dump` prints them; secrets as `[redacted]`.
  ///
  /// Shown is what holds: where properties determine one another, the outcome.
  public func dump() -> String {
    let outcome = self.outcome()
    func section(_ title: String, _ rows: [Property]) -> String {
      var text = "# \(title) config\n"
      for row in rows {
        guard let value = outcome[row.name] ?? values[row.name] ?? row.defaultText,
          row.refusal == nil
        else { continue }
        text += "\(shown(row, value))\n"
      }
      return text
    }
    return section(
      "Global", PropertyTable.rows.filter { $0.isGlobal && $0.name != "buffer.memory" })
      + "\n" + section("Topic", PropertyTable.rows.filter(\.isTopics)) + "\n"
  }

  /// What was set, a line each, as librdkafka tells it with `debug=conf`; secrets as `[redacted]`.
  public var settings: [String] {
    if values.isEmpty { return [] }
    return PropertyTable.rows.compactMap { row in values[row.name].map { shown(row, $0) } }
  }

  private func shown(_ property: Property, _ value: String) -> String {
    if case .secret = property.kind { return "\(property.name) = [redacted]" }
    return "\(property.name) = \(value)"
  }

  /// What properties come to whose default depends on others.
  private func outcome() -> [String: String] {
    var outcome = ["builtin.features": PropertyTable.features.joined(separator: ",")]
    if let client = try? client {
      outcome["receive.message.max.bytes"] = String(client.receiveMessageMaxBytes)
      outcome["metadata.max.age.ms"] = String(metadataMaxAgeMs)
      outcome["topic.metadata.refresh.fast.interval.ms"] = String(
        client.metadataRefreshFastIntervalMs)
    }
    if let producer = try? producer {
      outcome["enable.idempotence"] = String(producer.isIdempotent)
      outcome["max.in.flight.requests.per.connection"] = String(producer.inFlightMax)
      outcome["sticky.partitioning.linger.ms"] = String(producer.stickyPartitioningLingerMs)
    }
    if let consumer = try? consumer {
      outcome["fetch.error.backoff.ms"] = String(consumer.fetchErrorBackoffMs)
      outcome["fetch.max.bytes"] = String(consumer.fetchMaxBytes)
    }
    return outcome
  }
}
