import KafkaBroker
import KafkaClient
import Transport

/// Carries out a `DemoPlan`: the tour of the main job on an embedded broker of this process.
///
/// Each step is parsed from the command line that is shown and carried out as that command would be,
/// through a socket.
struct DemoRun {
  let plan: DemoPlan
  let messages: Messages

  private static let alarm = [
    "--group", "ptp", "--device", "mx960-1", "--topic", "protocol.ptp", "--rule",
    "ptp-lock-status", "--trigger", "ptp-lock-status", "--key",
    "_playbook_name=ptp-playbook", "--key", "_instance_id=[\"ptp-test\"]",
  ]
  private static let alarmTopic = "ptp.mx960-1.protocol.ptp.ptp-lock-status.ptp-lock-status"

  func run() -> Int32 {
    let broker: Broker
    let bootstrap: String
    do {
      (broker, bootstrap) = try Net.wait { [plan] in
        var options = BrokerOptions()
        options.brokerId = plan.brokerId
        options.topics = plan.topics.map { BrokerOptions.Topic(name: $0) }
        let broker = Broker(options)
        try broker.start()
        return (broker, broker.bootstrap)
      }
    } catch {
      messages.fatal("\(error)")
      return 1
    }
    // Each step ends at a signal by itself; that the tour ends, too, is to be known here.
    let interruption = Interruption()
    try? Net.wait { interruption.watch {} }
    defer {
      try? Net.wait { await broker.stop() }
      interruption.end()
    }
    let server = ["-b", bootstrap]
    var steps: [(String, [String])] = [("What is there", server + ["-L"])]
    for topic in plan.topics {
      steps.append(
        ("The topic \(topic), from its beginning to its end", server + ["-C", "-t", topic, "-e"]))
    }
    steps += [
      (
        "A device raises a major alarm",
        ["notify"] + server + Self.alarm + [
          "--severity", "major", "--message",
          "Slave Clock is not Phase Aligned with the Master Clock - 2",
        ]
      ),
      ("Who follows the alarm's topic reads it", server + ["-C", "-t", Self.alarmTopic, "-e"]),
      (
        "The alarm clears",
        ["notify"] + server + Self.alarm + [
          "--severity", "normal", "--message",
          "Slave Clock is Phase Aligned with the Master Clock",
        ]
      ),
      ("And that is read, too", server + ["-C", "-t", Self.alarmTopic, "-e"]),
    ]
    for (title, words) in steps {
      let status = step(title, words)
      if interruption.isRequested { return 130 }
      if status != 0 { return status }
    }
    return messages.exitStatus
  }

  /// Shows a command and does what it says.
  private func step(_ title: String, _ words: [String]) -> Int32 {
    var output = OutputBuffer(descriptor: 1)
    let line = (["hbcat"] + words).map(Self.quoted).joined(separator: " ")
    do throws(OutputError) {
      try output.append(Array("\n# \(title)\n$ \(line)\n".utf8))
      try output.flush()
    } catch {
      if case .closed = error { return 0 }
      messages.fatal("\(error)")
      return 1
    }
    return Hbcat.main(arguments: (["hbcat"] + words).map { Array($0.utf8) })
  }

  /// A word as a shell needs it.
  private static func quoted(_ word: String) -> String {
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./:=,@%+".utf8.contains(byte)
      }
    }
    return isPlain && !word.isEmpty
      ? word
      : "'"
        + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        + "'"
  }
}
