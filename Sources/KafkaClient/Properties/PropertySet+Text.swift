extension PropertySet {
  /// All properties and their values, as kcat's `-X dump` prints them; secrets as `[redacted]`.
  ///
  /// Shown is what holds: where properties determine one another, the outcome.
  public func dump() -> String {
    let outcome = self.outcome()
    func section(_ title: String, _ rows: [Property]) -> String {
      var text = "# \(title) config\n"
      for row in rows {
        guard let value = outcome[row.name] ?? values[row.name] ?? row.defaultText else { continue }
        let isSecret = if case .secret = row.kind { true } else { false }
        text += "\(row.name) = \(isSecret ? "[redacted]" : value)\n"
      }
      return text
    }
    let topics = PropertyTable.rows.filter { $0.scope == .topic }
    let globals = PropertyTable.rows.filter { $0.scope != .topic && $0.name != "buffer.memory" }
    return section("Global", globals) + "\n" + section("Topic", topics) + "\n"
  }

  /// What properties come to whose default depends on others.
  private func outcome() -> [String: String] {
    var outcome: [String: String] = [:]
    if let client = try? client {
      outcome["receive.message.max.bytes"] = String(client.receiveMessageMaxBytes)
      outcome["metadata.max.age.ms"] = String(client.metadataMaxAgeMs)
      outcome["topic.metadata.refresh.fast.interval.ms"] = String(
        client.metadataRefreshFastIntervalMs)
    }
    if let producer = try? producer {
      outcome["enable.idempotence"] = String(producer.isIdempotent)
      outcome["max.in.flight.requests.per.connection"] = String(producer.inFlightMax)
      outcome["sticky.partitioning.linger.ms"] = String(producer.stickyPartitioningLingerMs)
    }
    if let consumer = try? consumer {
      outcome["fetch.max.bytes"] = String(consumer.fetchMaxBytes)
    }
    return outcome
  }
}

extension PropertyTable {
  /// The table as `-X list` prints it: what each property takes, its default and what hbcat does with it.
  public static func list() -> String {
    func line(_ cells: [String]) -> String {
      let widths = [45, 3, 25, 20]
      return zip(cells, widths).map { cell, width in
        cell + String(repeating: " ", count: max(0, width - cell.count))
      }.joined(separator: " | ") + " | " + (cells.last ?? "") + "\n"
    }
    func section(_ title: String, _ rows: [Property]) -> String {
      var text = "## \(title) configuration properties\n\n"
      text += line(["Property", "C/P", "Range", "Default", "Effect"])
      text += "\(dashes(45))-|-----|-\(dashes(25))-|-\(dashes(20))-|-\(dashes(20))\n"
      for row in rows {
        let cells = [row.role.rawValue, row.valuesText, row.defaultText ?? "", row.effectText]
        text += line([row.name] + cells)
        for alias in row.aliases {
          text += line([alias] + cells.dropLast() + ["Alias for `\(row.name)`"])
        }
      }
      return text + "\n"
    }
    func dashes(_ count: Int) -> String { String(repeating: "-", count: count) }
    return section("Global", rows.filter { $0.scope != .topic })
      + section("Topic", rows.filter { $0.scope == .topic })
      + "### C/P legend: C = Consumer, P = Producer, * = both\n"
  }
}

extension Property {
  fileprivate var valuesText: String {
    switch kind {
    case .bool: "true, false"
    case .integer(let range, let unit, _):
      "\(range.lowerBound) .. \(range.upperBound) \(unit.rawValue)"
    case .decimal(let range, let unit):
      "\(Int64(range.lowerBound)) .. \(Int64(range.upperBound)) \(unit.rawValue)"
    case .oneOf(let words, let synonyms):
      (words + synonyms.keys.sorted()).joined(separator: ", ")
    case .flags(let words): words.joined(separator: ", ")
    case .text: "text"
    case .secret: "secret"
    case .callback: ""
    }
  }

  fileprivate var effectText: String {
    let effect =
      switch effect {
      case .honoured: "honoured"
      case .accepted(let why): "accepted: \(why)"
      case .refused(let why): "refused: \(why)"
      }
    return note.isEmpty ? effect : "\(effect) (\(note))"
  }
}
