/// Publishes alarms.
struct NotifyPlan: Hashable, Sendable {
  /// The form of stdin.
  enum Form: String, Sendable {
    /// A line of JSON for each alarm, as Healthbot writes it.
    case json
    /// A line of `name=value` for each alarm.
    case words
    /// What Alertmanager posts to a webhook.
    case alertmanager
  }

  /// One of an alarm's keys.
  struct Key: Hashable, Sendable {
    var name: String
    var value: String
  }

  /// An alarm as the command line gives it.
  struct AlarmFields: Hashable, Sendable {
    var group: String
    /// nil for an alarm of a network group that belongs to no device.
    var device: String?
    var topic: String
    var rule: String
    var trigger: String
    /// `major`, `minor` or `normal`.
    var severity: String
    var message: String
    /// In the order typed; names are distinct.
    var keys: [Key] = []
  }

  var delivery = DeliveryPlan()
  /// nil: alarms come on stdin.
  var alarm: AlarmFields?
  var form = Form.json
  /// Ends at the first input that is no alarm.
  var isStrict = false
  /// Prints what would go where.
  var isDryRun = false
  /// Reads the configuration and no alarms.
  var checksConfig = false
}
