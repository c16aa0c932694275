import CUV
import Glibc
import Synchronization

/// A libuv loop on a thread of its own, as an executor: what is isolated to `Net` runs there.
///
/// Jobs that the loop's own thread enqueues cost no system call: they run before it next polls.
final class Loop: SerialExecutor, TaskExecutor {
  /// libuv's loop; only the loop thread may touch it.
  nonisolated(unsafe) let raw = UnsafeMutablePointer<uv_loop_t>.allocate(capacity: 1)
  nonisolated(unsafe) private let wake = UnsafeMutablePointer<uv_async_t>.allocate(capacity: 1)
  nonisolated(unsafe) private let prepare = UnsafeMutablePointer<uv_prepare_t>.allocate(capacity: 1)
  nonisolated(unsafe) private let check = UnsafeMutablePointer<uv_check_t>.allocate(capacity: 1)
  private let thread = Atomic<UInt>(0)
  private let jobs = Mutex<[UnownedJob]>([])

  /// Rounds of jobs that may follow one another before sockets and timers get their turn.
  private static let jobRoundsMax = 64

  /// Starts the thread; it and the loop live as long as the process.
  init() {
    // A process that cannot have a loop or a thread at all cannot say more than that.
    guard uv_loop_init(raw) == 0 else { preconditionFailure("no event loop: \(errno)") }
    let this = Unmanaged.passRetained(self).toOpaque()
    uv_async_init(raw, wake) { _ in }
    uv_prepare_init(raw, prepare)
    uv_check_init(raw, check)
    prepare.pointee.data = this
    check.pointee.data = this
    uv_prepare_start(prepare) { handle in
      if let data = handle?.pointee.data { Loop.from(data).runJobs() }
    }
    uv_check_start(check) { handle in
      if let data = handle?.pointee.data { Loop.from(data).runJobs() }
    }
    var id = pthread_t()
    let status = pthread_create(
      &id, nil,
      { argument in
        if let argument { Loop.from(argument).run() }
        return nil
      }, this)
    guard status == 0 else { preconditionFailure("no thread for the event loop: \(status)") }
    pthread_detach(id)
  }

  private static func from(_ data: UnsafeMutableRawPointer) -> Loop {
    Unmanaged<Loop>.fromOpaque(data).takeUnretainedValue()
  }

  private func run() {
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    // A write to a socket whose peer is gone must be EPIPE; the process's own SIGPIPE stays as it is.
    var blocked = sigset_t()
    sigemptyset(&blocked)
    sigaddset(&blocked, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &blocked, nil)
    uv_run(raw, UV_RUN_DEFAULT)
  }

  /// Whether the caller runs on the loop's thread.
  @inline(__always)
  var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isFirst = jobs.withLock {
      $0.append(job)
      return $0.count == 1
    }
    if isFirst && !isCurrent { uv_async_send(wake) }
  }

  private func runJobs() {
    for _ in 0..<Self.jobRoundsMax {
      let ready = jobs.withLock { jobs in
        defer { jobs = [] }
        return jobs
      }
      if ready.isEmpty { return }
      for job in ready {
        job.runSynchronously(
          isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
      }
    }
    uv_async_send(wake)
  }

  func checkIsolated() {
    precondition(isCurrent, "not on the loop thread")
  }

  func isIsolatingCurrentContext() -> Bool? { isCurrent }
}
