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

  private struct Key: Hashable {
    var group: String
    var severity: Alarm.Severity
  }

  /// Nil for lines that have to be read.
  private var courses: [Key: Course?] = [:]
  /// The topic's name of the line at hand, and the topics of its ways.
  fileprivate var name: [UInt8] = []
  fileprivate var topics: [ProducerInput.Topic] = []

  /// Courses that are remembered; a configuration has no more, but lines may name any group.
  private static let coursesMax = 30_000

  /// Where a line goes; nil where it has to be read.
  mutating func course(_ line: PlainAlarmLine, _ routes: AlarmRoutes) -> Course? {
    // Without a configuration all lines go the same way.
    let group = if case .direct = routes { "" } else { line.groupName }
    let key = Key(group: group, severity: line.severity)
    if let known = courses[key] { return known }
    if courses.count >= Self.coursesMax { courses = [:] }
    let course = routes.course(group: group, line.severity)
    courses[key] = .some(course)
    return course
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
      append(line, number, key: way.hasKey ? identity?.bytes : nil, way, topic)
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
    _ topic: ProducerInput.Topic
  ) {
    do throws(DeliveryRefusal) {
      try lanes[way.cluster].append(line, key: key, to: topic)
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
