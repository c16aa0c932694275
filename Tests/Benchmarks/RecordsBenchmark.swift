import Glibc
import KafkaProtocol

/// What building, checking, reading and compressing of record batches costs.
enum RecordsBenchmark {
  /// Runs all parts and prints a line for each.
  static func run() {
    let lines = (0..<count).flatMap { line($0) }
    do {
      let sealed = build(lines)
      try iterate(sealed)
      checksum(sealed)
      for codec in Codec.allCases where codec != .none { try compress(sealed, codec) }
    } catch {
      print("failed: \(error)")
      exit(1)
    }
  }

  private static let (count, length) = (10_000, 100)

  private static func line(_ number: Int) -> [UInt8] {
    let text =
      #"{"host":"router\#(number % 97)","level":\#(number &* 7919 % 8),"#
      + #""seq":\#(number),"text":"interface ge-0/0/\#(number % 48) changed state"}"#
    return Array((text + String(repeating: " ", count: length)).utf8.prefix(length))
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }

  /// The least of several runs, in nanoseconds.
  private static func best(_ rounds: Int, _ body: () throws -> Void) rethrows -> Double {
    var least = Double.infinity
    for _ in 0..<rounds {
      let start = now()
      try body()
      least = min(least, now() - start)
    }
    return least
  }

  private static func show(_ what: String, _ value: Double, _ unit: String, _ more: String = "") {
    let rounded = (value * 10).rounded() / 10
    print("\(what): \(rounded) \(unit)\(more.isEmpty ? "" : ", " + more)")
  }

  private static func build(_ lines: [UInt8]) -> SealedBatch {
    var builder = BatchBuilder(limits: BatchLimits(maxBytes: 2_000_000))
    var sealed = builder.seal()
    let time = best(200) {
      append(lines, to: &builder)
      sealed = builder.seal()
    }
    show("build, 100 B lines, with CRC", time / Double(count), "ns/record")
    let open = best(200) {
      append(lines, to: &builder)
      sealed = builder.seal()
      sealed.stamp(producerId: 7, epoch: 0, sequence: 0)
    }
    show("build, stamped", open / Double(count), "ns/record")
    return sealed
  }

  @inline(never)
  private static func append(_ lines: [UInt8], to builder: inout BatchBuilder) {
    lines.withUnsafeBytes { all in
      for start in stride(from: 0, to: all.count, by: length) {
        let value = UnsafeRawBufferPointer(rebasing: all[start..<start + length])
        _ = builder.append(key: nil, value: value, timestamp: 1_700_000_000_000)
      }
    }
  }

  private static func iterate(_ sealed: SealedBatch) throws {
    var reader = RecordSetReader()
    var sum = 0
    let all = try best(200) {
      reader.open(sealed.bytes)
      while let batch = try reader.next() { sum &+= try lengths(batch) }
    }
    show("read, with CRC", all / Double(sealed.recordCount), "ns/record", "sum \(sum)")
    var unchecked = RecordSetReader(verifiesCRC: false)
    let bare = try best(200) {
      unchecked.open(sealed.bytes)
      while let batch = try unchecked.next() { sum &+= try lengths(batch) }
    }
    show("read, without", bare / Double(sealed.recordCount), "ns/record", "sum \(sum)")
  }

  @inline(never)
  private static func lengths(_ batch: borrowing DecodedBatch) throws(RecordError) -> Int {
    var records = RecordIterator(batch)
    var sum = 0
    while let record = try records.next() {
      sum &+= record.value?.count ?? 0
      sum &+= record.offsetDelta
    }
    return sum
  }

  private static func checksum(_ sealed: SealedBatch) {
    var iterator = RecordBatchIterator(sealed.bytes)
    guard let batch = try? iterator.next() else { return }
    let time = best(500) { try? batch.verifyCRC() }
    show("CRC-32C", Double(batch.bytes.count) / time, "GB/s")
  }

  private static func compress(_ sealed: SealedBatch, _ codec: Codec) throws {
    var compressor = Compressor()
    var decompressor = Decompressor()
    let payload = UnsafeRawBufferPointer(rebasing: sealed.bytes[RecordBatch.headerSize...])
    var size = 0
    let packing = try best(10) { size = try compressor.compress(codec, payload).count }
    let packed = Array(try compressor.compress(codec, payload))
    let unpacking = try packed.withUnsafeBytes { source in
      try best(30) { _ = try decompressor.decompress(codec, source) }
    }
    let records = Double(sealed.recordCount)
    let ratio = (Double(payload.count) / Double(size) * 10).rounded() / 10
    show("\(codec.name) compress", packing / records, "ns/record", "ratio \(ratio)")
    let speed = (Double(payload.count) / unpacking * 100).rounded() / 100
    show("\(codec.name) decompress", unpacking / records, "ns/record", "\(speed) GB/s")
  }
}
