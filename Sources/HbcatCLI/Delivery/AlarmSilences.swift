import Healthbot
import KafkaClient
import Transport

/// The silences that keep webhooks, chat and mail quiet, out of every Kafka cluster that alarms go to.
///
/// Kafka itself gets every alarm: it is where `alarms` looks, which knows the silences by itself. They are
/// read when the first alarm would go by the web.
final class AlarmSilences {
  /// How often it is looked for new ones, in milliseconds.
  private static let refreshMs: Int64 = 1000

  private let readers: [(name: String, reader: SilenceReader)]
  private let plan: DeliveryPlan
  private let messages: Messages
  private var isLoaded = false
  private var nextRefreshMs: Int64 = 0

  init(_ plan: DeliveryPlan, _ clusters: [DeliverySetup.Cluster], _ messages: Messages) {
    self.plan = plan
    self.messages = messages
    let setup = ClientSetup(plan: plan.client, messages: messages)
    readers = clusters.map { cluster in
      let reader = SilenceReader(
        topic: plan.silenceTopic, setup, client: cluster.client, configuration: cluster.consumer)
      return (cluster.name, reader)
    }
  }

  /// Ends a wait for silences, from any thread.
  var interrupts: [@Sendable () -> Void] { readers.map(\.reader.interrupt) }

  /// Whether an alarm is kept quiet now.
  func isSilenced(_ alarm: Alarm) -> Bool {
    let nowMs = MonotonicClock.nowMs
    if !isLoaded {
      load()
    } else if nowMs >= nextRefreshMs {
      for (_, reader) in readers { reader.refresh() }
    }
    nextRefreshMs = nowMs + Self.refreshMs
    return readers.contains { $0.reader.isSilenced(alarm) }
  }

  /// What cannot be read keeps nothing quiet: an alarm too many is better than one too few.
  private func load() {
    isLoaded = true
    for (name, reader) in readers {
      do throws(FeedError) {
        try reader.load(timeoutMs: plan.client.timeoutMs)
        if let foreign = reader.firstForeign {
          messages.info(
            1, "\(reader.foreignCount) records of \(plan.silenceTopic) are no silences: \(foreign)")
        }
      } catch .interrupted {
        return
      } catch {
        messages.info(
          1,
          "notification \(name): the silences of \(plan.silenceTopic) are not known: \(error.text)")
      }
    }
  }

  func close() { for (_, reader) in readers { reader.close() } }
}
