/// A place on the web that alarms go to: what keeps its order, and fails, by itself.
public struct WebDestination: Hashable, Sendable, CustomStringConvertible {
  /// A way.
  public enum Way: Hashable, Sendable {
    /// `http-post`.
    case webhook(HTTPPost)
    /// `slack`.
    case slack(SlackChannel)
    /// `microsoft-teams`.
    case teams(TeamsChannel)
    /// `emails`.
    case mail(ids: [String], server: Emails.Server)
  }

  /// The notification's name.
  public let notification: String
  /// Where to and how.
  public let way: Way

  /// The place that a notification names.
  public init(notification: String, way: Way) {
    self.notification = notification
    self.way = way
  }

  /// The place of a route; nil where it leads to Kafka or nowhere.
  public init?(_ route: Route) {
    notification = route.notification
    switch route.destination {
    case .webhook(let post): way = .webhook(post)
    case .slack(let channel): way = .slack(channel)
    case .teams(let channel): way = .teams(channel)
    case .mail(let ids, let server): way = .mail(ids: ids, server: server)
    case .kafka, .impossible: return nil
    }
  }

  /// The address that is posted to; nil for mail.
  public var url: ChannelURL? {
    switch way {
    case .webhook(let post): post.url
    case .slack(let channel): channel.url
    case .teams(let channel): channel.url
    case .mail: nil
    }
  }

  /// Whether people read it one by one, so that it must not be flooded.
  public var isChat: Bool {
    switch way {
    case .slack, .teams: true
    case .webhook, .mail: false
    }
  }

  /// The notification and the way, without the path of an address, which is a secret.
  public var description: String {
    let name = "notification \(shown(notification, limit: 80))"
    return switch way {
    case .webhook(let post): "\(name), http-post \(post.url)"
    case .slack(let channel): "\(name), slack \(channel.url)"
    case .teams(let channel): "\(name), microsoft-teams \(channel.url)"
    case .mail(_, let server): "\(name), emails by \(shown(server.address, limit: 80))"
    }
  }
}
