import Glibc
import KafkaProtocol
import Synchronization
import Transport

/// Compresses and stamps sealed batches, on as many threads as there are cores where that pays.
///
/// Batches come out in any order; the loop puts each partition's in order by their numbers.
final class BatchFinisher: Sendable {
  private let codec: Codec
  private let level: Int
  /// 2 for record batches; 0 or 1 for the message sets of brokers before 0.11.
  private let magic: Int
  private let link: ProducerLink
  private let then: @Sendable (consuming OutgoingBatch) -> Void
  private let workers: [Worker]

  /// A thread and the batches that wait for it.
  private final class Worker: Sendable {
    let batches = Handover<OutgoingBatch>()
    let load = Atomic<Int>(0)
  }

  /// What a thread is started with.
  private final class Start {
    let finisher: BatchFinisher
    let worker: Worker
    init(_ finisher: BatchFinisher, _ worker: Worker) {
      self.finisher = finisher
      self.worker = worker
    }
  }

  /// Makes one; threads are started only where there is a codec or a message set to write.
  ///
  /// `threadCount` nil is one per core.
  init(
    codec: Codec, level: Int, magic: Int, link: ProducerLink, threadCount: Int? = nil,
    then: @escaping @Sendable (consuming OutgoingBatch) -> Void
  ) {
    self.codec = codec
    self.level = level
    self.magic = magic
    self.link = link
    self.then = then
    let isWork = codec != .none || magic < 2
    let cores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    let count = isWork ? min(64, threadCount ?? cores) : 0
    workers = (0..<count).map { _ in Worker() }
    for worker in workers { start(worker) }
  }

  private func start(_ worker: Worker) {
    let start = Unmanaged.passRetained(Start(self, worker))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        start.finisher.work(start.worker)
        return nil
      }, start.toOpaque())
    if code == 0 {
      pthread_detach(thread)
    } else {
      // No thread to be had: `finish` sees that nothing is taken, and the producing thread does the work.
      start.release()
      worker.load.store(.max, ordering: .relaxed)
    }
  }

  /// Finishes a batch, now or on a thread.
  func finish(_ batch: consuming OutgoingBatch) {
    var best: Worker?
    var least = Int.max
    for worker in workers {
      let load = worker.load.load(ordering: .relaxed)
      if load < least { (best, least) = (worker, load) }
    }
    if let best {
      best.load.add(1, ordering: .relaxed)
      best.batches.push(batch)
    } else {
      var compressor = Compressor()
      run(&batch, &compressor)
      then(batch)
    }
  }

  /// Ends the threads once they have done what waits.
  func close() {
    for worker in workers { worker.batches.close() }
  }

  private func work(_ worker: Worker) {
    var compressor = Compressor()
    while var batch = worker.batches.take() {
      run(&batch, &compressor)
      worker.load.subtract(1, ordering: .relaxed)
      then(batch)
    }
  }

  private func run(_ batch: inout OutgoingBatch, _ compressor: inout Compressor) {
    do throws(CodecError) {
      if magic < 2 {
        let set = try batch.sealed.messageSet(
          magic: magic, codec: codec, level: level, compressor: &compressor)
        if let set { batch.sealed = set } else { batch.failure = "it is no batch" }
      } else {
        try batch.sealed.compress(codec, level: level, with: &compressor)
        if batch.stamp.producerId >= 0 {
          batch.sealed.stamp(
            producerId: batch.stamp.producerId, epoch: batch.stamp.producerEpoch,
            sequence: batch.stamp.baseSequence, transactional: batch.stamp.isTransactional)
        }
      }
    } catch {
      batch.failure = "\(error)"
    }
    // From here on the budget holds what is really kept.
    let size = batch.sealed.memoryCount
    link.unacknowledgedBytes.subtract(batch.chargedBytes - size, ordering: .relaxed)
    batch.chargedBytes = size
  }
}
