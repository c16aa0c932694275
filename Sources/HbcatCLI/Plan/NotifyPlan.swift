import Healthbot

/// Publishes alarms.
struct NotifyPlan: Equatable, Sendable {
  /// The form of stdin.
  enum Form: String, Sendable {
    /// A line of JSON for each alarm, as Healthbot writes it.
    case json
    /// A line of `name=value` for each alarm.
    case words
    /// What Alertmanager posts to a webhook.
    case alertmanager
  }

  var delivery = DeliveryPlan()
  /// nil: alarms come on stdin.
  var alarm: Alarm?
  var form = Form.json
  /// What fills the fields that words and alerts lack.
  var defaults = AlarmDefaults()
  /// Ends at the first input that is no alarm.
  var isStrict = false
  /// Prints what would go where.
  var isDryRun = false
  /// Reads the configuration and no alarms.
  var checksConfig = false
}
