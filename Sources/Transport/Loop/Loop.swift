internal import CUV
internal import Glibc
internal import Synchronization

/// A libuv loop on a thread of its own, as an executor: what is isolated to `Net` runs there.
public final class Loop: SerialExecutor, TaskExecutor {
  nonisolated(unsafe) let raw = UnsafeMutablePointer<uv_loop_t>.allocate(capacity: 1)
  nonisolated(unsafe) private let wake = UnsafeMutablePointer<uv_async_t>.allocate(capacity: 1)
  nonisolated(unsafe) private var thread = pthread_t()
  private let jobs = Mutex<[UnownedJob]>([])

  init() {
    uv_loop_init(raw)
    uv_async_init(raw, wake) { handle in
      guard let data = handle?.pointee.data else { return }
      Unmanaged<Loop>.fromOpaque(data).takeUnretainedValue().drain()
    }
    wake.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    // Signals are the main thread's and libuv's watchers' matter: this thread takes none by chance.
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let loop = Unmanaged<Loop>.fromOpaque(argument).takeRetainedValue()
        uv_run(loop.raw, UV_RUN_DEFAULT)
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    precondition(status == 0, "pthread_create failed: \(status)")
  }

  /// Queues a job for the loop's thread.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isFirst = jobs.withLock {
      $0.append(job)
      return $0.count == 1
    }
    if isFirst { uv_async_send(wake) }
  }

  private func drain() {
    while true {
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
  }

  /// Traps where the caller is not on the loop's thread.
  public func checkIsolated() {
    precondition(pthread_equal(pthread_self(), thread) != 0, "not on the loop's thread")
  }
}
