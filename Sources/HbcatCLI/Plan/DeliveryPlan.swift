import Healthbot

/// How alarms are delivered, whoever raises them: what `notify` and its relatives have in common.
struct DeliveryPlan: Hashable, Sendable {
  /// What a topic gets that is created; nil leaves it to the broker.
  struct NewTopic: Hashable, Sendable {
    var partitions: Int32?
    var replicas: Int16?
  }

  /// Brokers, where no configuration names them, and the properties of all clusters.
  var client = ClientPlan()
  /// Healthbot's configuration files, in the order in which they are merged; empty: all alarms go to
  /// the brokers of `client`.
  var configFiles: [Argument] = []
  /// The Kafka topic for all alarms; nil: each has its own, made of its names.
  var topic: TopicName?
  /// Replaces by `_` what Kafka forbids in a topic's name.
  var sanitizes = false
  var headers: [ProducePlan.Header] = []
  /// Creates topics that are missing; nil leaves it to the broker.
  var newTopic: NewTopic?
  /// Where the state of alarms is kept.
  var stateFile: Argument?
  var transitions = Transitions.Rules()
  /// A folder for what could not be delivered.
  var spoolFolder: Argument?
  /// One's own text for chat and mail.
  var template: MessageTemplate?
  /// Kafka's topic of silences.
  var silenceTopic = AlarmsPlan.silenceTopicDefault
  /// How long alarms of a device are gathered for chat, in milliseconds; 0: not at all.
  var groupWaitMs: Int64 = 0
  /// Lets http:// go to other machines.
  var allowsPlainText = false
  /// Who vouches for webhooks, chat and mail servers; nil: those whom the system trusts.
  var webAuthority: Argument?
  /// Requests to webhooks, chat and mail servers at the same time.
  var inFlightMax = 4
}
