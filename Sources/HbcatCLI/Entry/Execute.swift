import Glibc
import KafkaClient

/// Carries out a plan; the answer is the exit code.
func execute(_ plan: Plan, _ messages: Messages) -> Int32 {
  do throws(PropertyError) {
    switch plan {
    case .information(let text): return printOut(text, messages)
    case .list(let plan):
      messages.verbosity = plan.client.verbosity
      let properties = try properties(of: plan.client)
      return ListRun(plan: plan, configuration: try properties.client, messages: messages).run()
    case .consume(let plan):
      messages.verbosity = plan.client.verbosity
      let properties = try properties(of: plan.client)
      return try consume(plan, properties, messages)
    case .broker(let plan):
      messages.verbosity = plan.verbosity
      return BrokerRun(plan: plan, messages: messages).run()
    case .demo(let plan):
      messages.verbosity = plan.verbosity
      return DemoRun(plan: plan, messages: messages).run()
    case .produce, .notify, .propertyList, .propertyDump:
      messages.fatal("not built yet")
      return 1
    }
  } catch {
    messages.fatal("\(error)")
    return 1
  }
}

private func properties(of plan: ClientPlan) throws(PropertyError) -> PropertySet {
  var set = PropertySet()
  for property in plan.properties { try set.set(property.name, property.value) }
  return set
}

private func consume(_ plan: ConsumePlan, _ properties: PropertySet, _ messages: Messages)
  throws(PropertyError) -> Int32
{
  let format: RecordFormat
  do throws(FormatError) {
    format = try RecordFormat(plan)
  } catch {
    messages.fatal("\(error)")
    return 1
  }
  return ConsumeRun(
    plan: plan, format: format, client: try properties.client, configuration: try properties.consumer,
    messages: messages
  ).run()
}

extension RecordFormat {
  /// The format that a plan asks for: `-J`, `-f`, or the default made of the delimiters.
  init(_ plan: ConsumePlan) throws(FormatError) {
    if plan.json {
      self =
        try plan.formatText.map { text throws(FormatError) in
          try .json(separatedByFormat: text)
        } ?? .json(separator: plan.delimiter)
    } else if let text = plan.formatText {
      self = try RecordFormat(parsing: text)
    } else {
      self = .delimited(
        by: plan.delimiter, keyDelimiter: plan.keyDelimiter,
        offsetDelimiter: plan.showOffset ? plan.keyDelimiter ?? [] : nil)
    }
    printsNull = plan.printsNull
  }
}

/// Writes a text to stdout, all of it or an error; a closed pipe is no error.
private func printOut(_ text: String, _ messages: Messages) -> Int32 {
  signal(SIGPIPE, SIG_IGN)
  var output = OutputBuffer(descriptor: 1)
  do throws(OutputError) {
    try output.append(Array(text.utf8))
    try output.flush()
  } catch {
    if case .closed = error { return 0 }
    messages.fatal("\(error)")
    return 1
  }
  return 0
}
