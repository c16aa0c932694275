import KafkaClient

/// Puts what comes of many servers at once in their order: each server's steps together, at once where
/// those before it are done.
struct PingOrder: Sendable {
  private struct Held {
    var target: ProbeTarget
    var steps: [ProbeStep] = []
    var hasEnded = false
  }

  private var held: [Held] = []
  private var places: [ProbeTarget: Int] = [:]
  /// The first server that is not done.
  private var first = 0

  /// Takes an event; answers the steps that can be shown now.
  mutating func take(_ event: ProbeEvent) -> [(ProbeTarget, ProbeStep)] {
    switch event {
    case .found(let targets):
      for target in targets {
        places[target] = held.count
        held.append(Held(target: target))
      }
    case .step(let target, let step):
      if let place = places[target] { held[place].steps.append(step) }
    case .ended(let target, _):
      if let place = places[target] { held[place].hasEnded = true }
    }
    var shown: [(ProbeTarget, ProbeStep)] = []
    while first < held.count {
      shown += held[first].steps.map { (held[first].target, $0) }
      held[first].steps = []
      guard held[first].hasEnded else { break }
      first += 1
    }
    return shown
  }
}
