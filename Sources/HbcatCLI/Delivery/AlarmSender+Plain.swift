import Healthbot
import KafkaClient
import Transport

/// What lines that are sent as they stand are sent by, remembered from one to the next.
struct PlainSending {
  /// Where the lines of a group and a severity go.
  struct Course {
    var ways: [Routing.KafkaWay]
    var suppressesInitialNormal: Bool
  }

  /// By group; nil for one whose lines have to be read.
  private var courses: [String: [Course?]] = [:]
  /// The topic's name of the line at hand, and the topics of its ways.
  fileprivate var name: [UInt8] = []
  fileprivate var topics: [ProducerInput.Topic] = []

  /// Groups that are remembered; a configuration has no more, but lines may name any.
  private static let groupsMax = 10_000

  /// Where a line goes; nil where it has to be read.
  mutating func course(_ line: PlainAlarmLine, _ routes: AlarmRoutes) -> Course? {
    // Without a configuration all lines go the same way.
    let group = if case .direct = routes { "" } else { line.groupName }
    let place = line.severity.place
    if let known = courses[group] { return known[place] }
    if courses.count >= Self.groupsMax { courses = [:] }
    let all = Alarm.Severity.allCases.map { routes.course(group: group, $0) }
    courses[group] = all
    return all[place]
  }
}

/// Lines that are alarms as they stand, sent without being read into one.
extension AlarmSender {
  /// Sends a line; false where it has to be read, and nothing was done with it.
  ///
  /// That is so where more must be known of it than its topic and its identity, or it is its topic's first.
  func sendPlain(_ line: UnsafeRawBufferPointer, _ number: Int) -> Bool {
    guard backlog.isEmpty, let parts = PlainAlarmLine(line),
      let course = plain.course(parts, routes), findTopics(parts, course)
    else { return false }
    let hasKey = course.ways.contains(where: \.hasKey)
    let identity = memory != nil || hasKey ? parts.identity : nil
    if let memory, let identity {
      let isToBeSent = memory.isToBeSent(
        parts.severity, identity,
        suppressesInitialNormal: course.suppressesInitialNormal && holdsInitialNormal,
        nowMs: WallClock.nowMs)
      guard isToBeSent else {
        counts.held += 1
        return true
      }
    }
    for (way, topic) in zip(course.ways, plain.topics) {
      append(line, number, key: way.hasKey ? identity?.bytes : nil, way, topic, parts)
    }
    return true
  }

  /// Finds the topics of all ways; false where one is not open, so that nothing is sent twice.
  private func findTopics(_ parts: PlainAlarmLine, _ course: PlainSending.Course) -> Bool {
    plain.topics.removeAll(keepingCapacity: true)
    for way in course.ways {
      if let fixed = way.topic {
        plain.name.removeAll(keepingCapacity: true)
        plain.name.append(contentsOf: fixed.description.utf8)
      } else if !parts.topicName(into: &plain.name) {
        return false
      }
      guard let topic = lanes[way.cluster].opened(plain.name) else { return false }
      plain.topics.append(topic)
    }
    return true
  }

  private func append(
    _ line: UnsafeRawBufferPointer, _ number: Int, key: [UInt8]?, _ way: Routing.KafkaWay,
    _ topic: ProducerInput.Topic, _ parts: PlainAlarmLine
  ) {
    let lane = lanes[way.cluster]
    do throws(DeliveryRefusal) {
      if let key {
        try key.withUnsafeBufferPointer { key throws(DeliveryRefusal) in
          try lane.append(line, key: UnsafeRawBufferPointer(key), to: topic)
        }
      } else {
        try lane.append(line, key: nil, to: topic)
      }
      counts[way.notification].taken += 1
    } catch {
      guard let alarm = try? AlarmLine.alarm(in: line, line: number),
        let name = way.topic ?? (try? TopicName(for: alarm))
      else {
        // A plain line can be read, by what it is.
        counts[way.notification].failed += 1
        return say("line \(number): \(error.text)")
      }
      let entry = kafkaEntry(AlarmBatch(alarm), name.description, way.hasKey)
      refused(error, way.notification, entry, "line \(number): ")
    }
  }
}

extension AlarmRoutes {
  /// Where alarms of a group and a severity go; nil where it is not Kafka alone.
  fileprivate func course(group: String, _ severity: Alarm.Severity) -> PlainSending.Course? {
    switch self {
    case .direct(let topic, _):
      let way = Routing.KafkaWay(
        notification: AlarmRoutes.directName, cluster: 0, topic: topic, hasKey: false)
      return PlainSending.Course(ways: [way], suppressesInitialNormal: true)
    case .configured(let routing):
      return routing.kafkaWays(group: group, severity).map {
        PlainSending.Course(ways: $0.ways, suppressesInitialNormal: $0.suppressesInitialNormal)
      }
    }
  }
}

extension Alarm.Severity {
  /// Its place among all.
  fileprivate var place: Int {
    switch self {
    case .major: 0
    case .minor: 1
    case .normal: 2
    }
  }
}
