import KafkaProtocol
import Synchronization
import Testing
import Transport

@testable import KafkaClient

@Suite struct BatchFinisherTests {
  private func batch(_ number: Int, records: Int = 100, stamp: ProducerState.Stamp = .init())
    -> OutgoingBatch
  {
    var builder = BatchBuilder()
    for index in 0..<records {
      _ = Array("value \(number) \(index)".utf8).withUnsafeBytes {
        builder.append(key: nil, value: $0, timestamp: 1)
      }
    }
    let sealed = builder.seal()
    return OutgoingBatch(
      sealed: sealed, topic: 0, partition: 0, number: number, deadlineMs: .max, stamp: stamp,
      chargedBytes: sealed.memoryCount)
  }

  private func values(_ batch: OutgoingBatch) throws -> [String] {
    var reader = RecordSetReader()
    reader.open(batch.sealed.bytes)
    var values: [String] = []
    while let decoded = try reader.next() {
      var records = RecordIterator(decoded)
      while let record = try records.next() {
        values.append(String(decoding: record.value ?? .init(start: nil, count: 0), as: UTF8.self))
      }
    }
    return values
  }

  @Test(arguments: [Codec.none, .gzip, .snappy, .lz4, .zstd])
  func `every batch comes out once, compressed, stamped and charged as it is`(codec: Codec) throws {
    let link = ProducerLink()
    let out = Handover<OutgoingBatch>()
    let finisher = BatchFinisher(
      codec: codec, level: -1, magic: 2, link: link, threadCount: 3
    ) { out.push($0) }
    var charged = 0
    for number in 0..<50 {
      let batch = batch(number, stamp: .init(producerId: 5, producerEpoch: 1, baseSequence: 7))
      charged += batch.chargedBytes
      link.unacknowledgedBytes.add(batch.chargedBytes, ordering: .relaxed)
      finisher.finish(batch)
    }
    finisher.close()
    var seen: Set<Int> = []
    for _ in 0..<50 {
      let done = try #require(out.take())
      seen.insert(done.number)
      #expect(done.failure == nil)
      #expect(try values(done).first == "value \(done.number) 0")
      #expect(try values(done).count == 100)
      var batches = RecordBatchIterator(done.sealed.bytes)
      let header = try #require(try batches.next())
      #expect(header.codec == codec)
      #expect(header.producerId == 5)
      #expect(header.baseSequence == 7)
      link.release(bytes: done.chargedBytes, records: 0)
    }
    #expect(seen == Set(0..<50))
    #expect(link.unacknowledgedBytes.load(ordering: .relaxed) == 0)
  }

  @Test(arguments: [0, 1], [Codec.none, .gzip, .lz4])
  func `brokers before 0_11 get message sets`(magic: Int, codec: Codec) throws {
    let out = Handover<OutgoingBatch>()
    let finisher = BatchFinisher(
      codec: codec, level: -1, magic: magic, link: ProducerLink(), threadCount: 1
    ) { out.push($0) }
    finisher.finish(batch(3))
    finisher.close()
    let done = try #require(out.take())
    #expect(done.failure == nil)
    #expect(done.sealed.magic == magic)
    #expect(done.sealed.recordCount == 100)
    #expect(try values(done).last == "value 3 99")
  }

  @Test func `what cannot be compressed says so`() throws {
    let out = Handover<OutgoingBatch>()
    let finisher = BatchFinisher(
      codec: .zstd, level: -1, magic: 1, link: ProducerLink(), threadCount: 1
    ) { out.push($0) }
    finisher.finish(batch(0))
    finisher.close()
    #expect(try #require(out.take()).failure != nil)
  }
}
