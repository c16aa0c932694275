/// The options that `notify` alone has, as typed; the alarm's fields are elsewhere.
struct NotifyOptions: Sendable {
  var checksConfig = false
  var isDryRun = false
  var form: NotifyPlan.Form?
  var isStrict = false

  mutating func apply(
    _ key: OptionKey, _ value: Argument, _ spelling: String
  ) throws(UsageError) {
    switch key {
    case .checkConfig: checksConfig = true
    case .dryRun: isDryRun = true
    case .strict: isStrict = true
    default:
      let text = try OptionValue.text(value, spelling)
      guard let known = NotifyPlan.Form(rawValue: text) else {
        throw .value("\(spelling): expected json, words or alertmanager, not \"\(text)\"")
      }
      form = known
    }
  }
}
