internal import KafkaProtocol
public struct ClientConfiguration: Sendable {
  public static let softwareVersion = "0.1.0"
  public struct Server: Sendable, Hashable { public var host: String; public var port: UInt16 }
  public enum AddressFamilyChoice: Sendable { case any, v4, v6 }
  public var bootstrapServers: [Server] = []
  public var clientId = "rdkafka"
  public var socketTimeoutMs: Int64 = 60000
  public var connectionSetupTimeoutMs: Int64 = 30000
  public var receiveMessageMaxBytes = 100_000_000
  public var apiVersionRequest = true
  public var apiVersionRequestTimeoutMs: Int64 = 3000
  public var brokerVersionFallback: String?
  public var retryBackoffMs: Int64 = 100
  public var retryBackoffMaxMs: Int64 = 1000
  public var addressFamily = AddressFamilyChoice.any
  public init() {}
}
public struct ConsumerConfiguration: Sendable {
  public enum Reset: Sendable { case earliest, latest, error }
  public enum Isolation: Sendable { case readCommitted, readUncommitted }
  public var isolationLevel = Isolation.readCommitted
  public var autoOffsetReset = Reset.latest
  public var fetchWaitMaxMs = 500
  public var fetchMinBytes = 1
  public var fetchMaxBytes = 52428800
  public var fetchMessageMaxBytes = 1048576
  public init() {}
}
public struct PropertyError: Error, CustomStringConvertible { public var description: String }
public struct PropertySet: Sendable {
  public var client = ClientConfiguration()
  public var consumer = ConsumerConfiguration()
  public var producer = ProducerConfiguration()
  public init() {}
  public mutating func set(_ name: String, _ value: String) throws(PropertyError) {
    switch name {
    case "bootstrap.servers", "metadata.broker.list":
      client.bootstrapServers = value.split(separator: ",").map {
        let parts = $0.split(separator: ":")
        return .init(
          host: String(parts[0]), port: parts.count > 1 ? UInt16(parts[1]) ?? 9092 : 9092)
      }
    case "compression.codec": producer.codec = Codec(name: value) ?? .none
    case "linger.ms": producer.lingerMs = Int64(value) ?? 5
    case "queue.buffering.max.kbytes": producer.queuedBytesMax = (Int(value) ?? 16384) * 1024
    case "enable.idempotence": producer.isIdempotent = value == "true"
    case "acks": producer.acks = Int16(value) ?? -1
    case "fetch.wait.max.ms": consumer.fetchWaitMaxMs = Int(value) ?? 500
    case "auto.offset.reset": consumer.autoOffsetReset = value == "earliest" ? .earliest : .latest
    default: break
    }
  }
}
