import Glibc
import Synchronization
import TestSupport
import Testing

@testable import HbcatCLI

@Suite struct OutputBufferTests {
  static let lines = RecordFormat.delimited(by: [10])

  /// Records of nine digits: with the newline each has ten bytes.
  static func batch(_ count: Int, baseOffset: Int64 = 0) -> TestBatch {
    let records = (0..<count).map { TestRecord(String(1_000_000_00 + $0)) }
    return TestBatch(records: records, baseOffset: baseOffset)
  }

  /// Records of 1000 bytes with the newline, more of them than a pipe holds.
  static let large = TestBatch(
    records: Array(repeating: TestRecord(String(repeating: "x", count: 999)), count: 3000))

  @Test func `pieces small and large leave in order`() throws {
    var random = Repeatable(21)
    let capture = Capture()
    var output = OutputBuffer(descriptor: capture.descriptor)
    var expected: [UInt8] = []
    for _ in 0..<300 {
      let sizes = [0, 1, 10, 200, 4095, 4096, 5000, 300_000]
      let size = sizes[Int.random(in: 0..<sizes.count, using: &random)]
      let piece = [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: size)
      try output.append(piece)
      expected += piece
    }
    try output.flush()
    let isSame = capture.bytes == expected
    #expect(isSame)
    #expect(output.writtenBytes == Int64(expected.count))
  }

  @Test func `a full device is an error that names the first record, also at the last flush`()
    throws
  {
    let descriptor = open("/dev/full", O_WRONLY)
    defer { close(descriptor) }
    let format = PartitionFormat(Self.lines, topic: "t", partition: 0, place: 4)
    for count in [1, 5, 30_000] {
      var output = OutputBuffer(descriptor: descriptor)
      do {
        try write(Self.batch(count, baseOffset: 70), as: format, to: &output)
        try output.flush()
        Issue.record("no error")
      } catch let error as OutputError {
        #expect(error == .failed(errno: ENOSPC))
        #expect(error.description == "Output write error: No space left on device")
      } catch let error as RecordRunError {
        #expect(error == .output(.failed(errno: ENOSPC)))
      }
      #expect(output.firstUnwritten == OutputBuffer.RecordPlace(partition: 4, offset: 70))
    }
  }

  @Test func `records of several partitions keep their places until they are written`() throws {
    let descriptor = open("/dev/full", O_WRONLY)
    defer { close(descriptor) }
    var output = OutputBuffer(descriptor: descriptor)
    let format = PartitionFormat(Self.lines, topic: "t", partition: 0, place: 2)
    let other = PartitionFormat(Self.lines, topic: "u", partition: 1, place: 3)
    try write(Self.batch(3, baseOffset: 10), as: format, to: &output)
    try write(Self.batch(3, baseOffset: 90), as: other, to: &output)
    #expect(throws: OutputError.failed(errno: ENOSPC)) { try output.flush() }
    #expect(output.firstUnwritten == OutputBuffer.RecordPlace(partition: 2, offset: 10))
    #expect(output.unwritten == [2: 10, 3: 90])
  }

  @Test func `nothing is unwritten after a flush`() throws {
    let capture = Capture()
    var output = OutputBuffer(descriptor: capture.descriptor)
    let format = PartitionFormat(Self.lines, topic: "t", partition: 0)
    try write(Self.batch(3), as: format, to: &output)
    #expect(output.firstUnwritten == OutputBuffer.RecordPlace(partition: 0, offset: 0))
    try output.flush()
    #expect(output.firstUnwritten == nil)
    #expect(output.unwritten.isEmpty)
  }

  @Test(arguments: [99, 5000])
  func `a reader that goes is a quiet end, and the record that was cut is named`(size: Int)
    async throws
  {
    signal(SIGPIPE, SIG_IGN)
    let pipe = Pipe()
    let reading = pipe.reading
    let (error, writtenBytes, unwritten) = await onOwnThread { [writing = pipe.writing] in
      // The reader takes a little and goes while the writer is blocked.
      var output = OutputBuffer(descriptor: writing)
      let format = PartitionFormat(Self.lines, topic: "t", partition: 0)
      let record = TestRecord(String(repeating: "x", count: size))
      let batch = TestBatch(records: Array(repeating: record, count: 4_000_000 / size))
      let reader = Reader(reading, count: 100_003)
      defer { reader.join() }
      do {
        try write(batch, as: format, to: &output)
        try output.flush()
        return (nil as RecordRunError?, output.writtenBytes, output.firstUnwritten)
      } catch {
        return (error as? RecordRunError, output.writtenBytes, output.firstUnwritten)
      }
    }
    #expect(error == .output(.closed))
    #expect(writtenBytes >= 100_003)
    #expect(
      unwritten
        == OutputBuffer.RecordPlace(partition: 0, offset: writtenBytes / Int64(size + 1)))
    pipe.forgetReading()  // the reader has closed it
  }

  /// Reads so many bytes on a thread of its own, waits until the pipe is full again, and closes it.
  final class Reader {
    private var thread = pthread_t()
    private final class Work {
      let descriptor: Int32
      let count: Int
      init(_ descriptor: Int32, _ count: Int) {
        (self.descriptor, self.count) = (descriptor, count)
      }
    }

    init(_ descriptor: Int32, count: Int) {
      let work = Unmanaged.passRetained(Work(descriptor, count)).toOpaque()
      pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
          var block = [UInt8](repeating: 0, count: 4096)
          var left = work.count
          while left > 0 {
            let got = read(work.descriptor, &block, min(left, block.count))
            guard got > 0 else { break }
            left -= got
          }
          close(work.descriptor)
          return nil
        }, work)
    }

    func join() { pthread_join(thread, nil) }
  }

  @Test func `a pipe that is full and non-blocking is waited for`() async throws {
    let pipe = Pipe()
    _ = fcntl(pipe.writing, F_SETFL, O_NONBLOCK)
    let writing = pipe.writing
    let failure = Mutex<(any Error)?>(nil)
    async let writer: Void = onOwnThread {
      do {
        var output = OutputBuffer(descriptor: writing)
        let format = PartitionFormat(Self.lines, topic: "t", partition: 0)
        try write(Self.large, as: format, to: &output)
        try output.flush()
      } catch { failure.withLock { $0 = error } }
      close(writing)
    }
    let reading = pipe.reading
    let got = await onOwnThread {
      var result: [UInt8] = []
      var block = [UInt8](repeating: 0, count: 3000)
      while true {
        let count = read(reading, &block, block.count)
        guard count > 0 else { return result }
        result += block[..<count]
      }
    }
    await writer
    pipe.forgetWriting()
    #expect(failure.withLock { $0 } == nil)
    let isSame = got == Self.large.records.flatMap { ($0.value ?? []) + [10] }
    #expect(isSame)
  }

  @Test(arguments: [false, true])
  func `a signal wakes a blocked write, which ends if the caller wants to stop`(isNonBlocking: Bool)
    async throws
  {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in }
    sigaction(SIGUSR2, &action, nil)
    let pipe = Pipe()
    if isNonBlocking { _ = fcntl(pipe.writing, F_SETFL, O_NONBLOCK) }
    let writing = pipe.writing
    let writerThread = Mutex<pthread_t?>(nil)
    let interruptions = Mutex(0)
    async let outcome = onOwnThread {
      // A thread made by one of the pool's inherits that it gets no signals.
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, SIGUSR2)
      pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      writerThread.withLock { $0 = pthread_self() }
      defer { writerThread.withLock { $0 = nil } }
      var output = OutputBuffer(descriptor: writing)
      output.shouldStop = {
        interruptions.withLock { count in
          count += 1
          return count >= 3
        }
      }
      let format = PartitionFormat(Self.lines, topic: "t", partition: 0)
      do {
        try write(Self.large, as: format, to: &output)
        return (nil as RecordRunError?, output.writtenBytes, output.firstUnwritten)
      } catch {
        return (error as? RecordRunError, output.writtenBytes, output.firstUnwritten)
      }
    }
    // Without a third signal the writer would never end: not even a busy machine takes so long.
    _ = await eventually(within: 300) {
      // Under the lock the thread cannot end.
      writerThread.withLock { thread in if let thread { pthread_kill(thread, SIGUSR2) } }
      return interruptions.withLock { $0 >= 3 }
    }
    let (error, writtenBytes, unwritten) = await outcome
    #expect(error == .output(.stopped))
    #expect(unwritten == OutputBuffer.RecordPlace(partition: 0, offset: writtenBytes / 1000))
  }

  @Test func `unbuffered, each record is there at once`() throws {
    let capture = Capture()
    var output = OutputBuffer(descriptor: capture.descriptor, isUnbuffered: true)
    let format = PartitionFormat(Self.lines, topic: "t", partition: 0)
    try write(Self.batch(1), as: format, to: &output)
    #expect(capture.text == "100000000\n")
    let json = PartitionFormat(.json(separator: []), topic: "t", partition: 0)
    try write(
      TestBatch(records: [TestRecord(String(repeating: "y", count: 5000))]), as: json, to: &output)
    #expect(capture.text.hasSuffix("y\"}"))
  }

  @Test func `more tiny records than there are marks are written whole`() throws {
    let capture = Capture()
    var output = OutputBuffer(descriptor: capture.descriptor)
    let count = OutputBuffer.recordsMax * 3 + 7
    let batch = TestBatch(records: Array(repeating: TestRecord(nil), count: count))
    let format = PartitionFormat(Self.lines, topic: "t", partition: 0)
    #expect(try write(batch, as: format, to: &output).written == count)
    try output.flush()
    #expect(capture.bytes.count == count)
  }

  @Test func `a terminal is written to record by record`() throws {
    // What grantpt(3) and ptsname(3) do: Glibc's module map does not show them.
    let main = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    try #require(main >= 0)
    defer { close(main) }
    var lock: Int32 = 0
    var number: Int32 = -1
    try #require(ioctl(main, 0x4004_5431, &lock) == 0)  // TIOCSPTLCK
    try #require(ioctl(main, 0x8004_5430, &number) == 0)  // TIOCGPTN
    let terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    try #require(terminal >= 0)
    defer { close(terminal) }
    var output = OutputBuffer(descriptor: terminal)
    let isUnbuffered = output.isTerminal && output.isUnbuffered
    #expect(isUnbuffered)
    let format = PartitionFormat(Self.lines, topic: "t", partition: 0)
    try write(TestBatch(records: [TestRecord("seen")]), as: format, to: &output)
    var block = [UInt8](repeating: 0, count: 100)
    let count = read(main, &block, block.count)
    #expect(String(decoding: block.prefix(max(0, count)), as: UTF8.self) == "seen\r\n")
  }

  @Test func `a pipe is widened`() {
    let pipe = Pipe()
    let output = OutputBuffer(descriptor: pipe.writing)
    let isTerminal = output.isTerminal
    #expect(!isTerminal)
    #expect(fcntl(pipe.writing, 1032) >= 64 << 10)  // F_GETPIPE_SZ
  }
}
