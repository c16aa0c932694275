import KafkaProtocol

// What goes into the state and what comes out of it.

extension ProducerState {
  /// The limits that properties set.
  struct Limits: Sendable {
    /// Unanswered requests per broker; at most 5 with idempotence.
    var inFlightMax = 5
    /// A request takes no further batch beyond this; one batch may be larger.
    var requestBytesMax = 1 << 20
    /// Tries after the first.
    var retriesMax = Int(Int32.max)
    var retryBackoffMs: Int64 = 100
    var retryBackoffMaxMs: Int64 = 1000
    /// The first pause before a lost leader is asked for again.
    var metadataFastMs: Int64 = 100
    var reconnectBackoffMs: Int64 = 100
    var reconnectBackoffMaxMs: Int64 = 10_000
    var requestTimeoutMs: Int64 = 30_000
    /// How long an unknown topic is waited for.
    var propagationMaxMs: Int64 = 30_000
    /// 0 or less turns the periodic refresh off.
    var metadataRefreshMs: Int64 = 300_000
    /// Whether what fails for good ends all: nothing that came later is sent.
    var isGapless = false
    /// False for acks=0: what is written is done.
    var awaitsResponse = true
    var isIdempotent = false
    /// Batches belong to transactions: they wait until their partition is part of the current one.
    var isTransactional = false
  }

  /// Who produces, and where in the partition's sequence a batch begins; −1 without idempotence.
  struct Stamp: Hashable, Sendable {
    var producerId: Int64 = -1
    var producerEpoch: Int16 = -1
    var baseSequence: Int32 = -1
    var isTransactional = false
  }

  /// What the state knows of a sealed batch.
  struct Batch: Sendable {
    /// The caller's name for it.
    var id: Int
    var topic: Int
    var partition: Int32
    /// 0, 1, 2 … within the partition, in the order of sealing.
    var number: Int
    /// How many records of the partition were sealed before its first one.
    var position = 0
    var recordCount: Int32
    var byteCount: Int
    /// `.max` where it may wait for ever.
    var deadlineMs: Int64
    /// What its bytes say now.
    var stamp = Stamp()
    /// Why it cannot be sent at all; it is given up in its turn.
    var failure: DeliveryError?

    /// The stamp is the one that the broker knows or will know it by.
    var isStamped = false
    /// How many batches were stamped before it under its identity.
    var ordinal = 0
    var failures = 0
    /// A try ended without an answer that rules out that it was appended.
    var mayBeAppended = false
    /// It was said that its records may be in the log twice.
    var isDoubtSaid = false
    var lastFailure: String?
  }

  /// A Produce request to be sent.
  struct Request: Sendable {
    var id: Int
    var brokerId: Int32
    /// One batch per partition.
    var batches: [Batch]
    var timeoutMs: Int64
  }

  /// What a response says of one partition.
  struct Result: Sendable {
    var topic: Int
    var partition: Int32
    var errorCode = ErrorCode.none
    var message: String?
    /// −1 if unknown.
    var baseOffset: Int64 = -1
    /// −1 if unknown.
    var logStartOffset: Int64 = -1
    /// The leader that the broker names with its error (KIP-951); −1 if none.
    var currentLeaderId: Int32 = -1
    /// That leader's epoch; −1 if unknown.
    var currentLeaderEpoch: Int32 = -1
    /// The records for which the batch was refused, by their place in it (KIP-467).
    var recordErrors: [(index: Int32, message: String?)] = []
  }

  /// What shall become of a batch that the broker does not take as it is.
  enum Rebuild: Hashable, Sendable {
    /// Two batches of half the records each.
    case halves
    /// One batch without the records at these places.
    case without(Set<Int32>)
  }

  /// A batch that was made of another's records.
  struct Part: Sendable {
    /// The caller's name for it.
    var id: Int
    /// How many of the other's records were before its first.
    var firstRecord: Int
    var recordCount: Int32
    var byteCount: Int
  }

  /// What metadata says of one topic.
  struct TopicMetadata: Sendable {
    var topic: Int
    var errorCode = ErrorCode.none
    /// Per partition its leader, −1 where there is none, and that one's epoch, −1 if unknown.
    var leaders: [(partition: Int32, leaderId: Int32, leaderEpoch: Int32)] = []
  }

  /// What is to be done; in order.
  enum Action: Sendable {
    /// Open a connection; answer with `connected` or `connectionFailed`.
    case connect(Int32)
    /// Write this stamp into the batch's bytes, before it is sent.
    case stamp(batch: Int, Stamp)
    /// Answer with `answered` or `requestFailed`.
    case send(Request)
    case delivered(Batch, baseOffset: Int64, brokerId: Int32)
    case failed(Batch, DeliveryError)
    /// Make other batches of this one's records; answer with `rebuilt` or `rebuildFailed`.
    case rebuild(Batch, Rebuild)
    /// A record of a batch that is rebuilt without it is given up.
    case dropped(Batch, DeliveryError)
    /// Answer with `learned` or `metadataFailed`.
    case refreshMetadata
    /// Answer with `identified` or `identificationFailed`.
    case newProducerId
    /// Make these partitions part of the transaction; answer with `registered`.
    case register([(topic: Int, partition: Int32)])
    /// Something that a careful user wants to read.
    case note(String)
  }
}
