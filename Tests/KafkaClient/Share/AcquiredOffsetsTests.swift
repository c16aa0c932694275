import Testing

@testable import KafkaClient

@Suite struct AcquiredOffsetsTests {
  private func offsets(_ ranges: ClosedRange<Int64>...) -> AcquiredOffsets {
    AcquiredOffsets(ranges.map { ($0.lowerBound, $0.upperBound) })
  }

  private func text(_ list: [ShareAcknowledgement]) -> String {
    list.map { "\($0.offsets.lowerBound)-\($0.offsets.upperBound) \($0.type)" }
      .joined(separator: ", ")
  }

  @Test("ranges that overlap, go backwards or cannot be are left out, the rest is sorted")
  func hostile() {
    let list: [(first: Int64, last: Int64)] = [
      (20, 29), (0, 9), (5, 12), (-3, 2), (40, 30), (50, .max),
    ]
    let acquired = AcquiredOffsets(list)
    #expect(acquired.ranges == [0...9, 20...29])
    #expect(acquired.count == 20)
  }

  @Test("only what is acquired of a batch is handed out, batch after batch")
  func overlaps() {
    var acquired = offsets(3...5, 8...12, 20...29)
    #expect(acquired.overlap(from: 0, to: 4) == [3...3])
    #expect(acquired.overlap(from: 4, to: 10) == [4...5, 8...9])
    #expect(acquired.overlap(from: 10, to: 20) == [10...12])
    #expect(acquired.overlap(from: 20, to: 100) == [20...29])
    #expect(acquired.overlap(from: 100, to: 200) == [])
  }

  @Test("what was spoken of before is left out, wherever it begins and ends")
  func without() {
    let said = [
      ShareAcknowledgement(2...4, .accept), ShareAcknowledgement(8...16, .accept),
      ShareAcknowledgement(40...49, .gap),
    ]
    #expect(offsets(0...9, 15...19).without(said).ranges == [0...1, 5...7, 17...19])
    #expect(offsets(2...4, 10...12).without(said).ranges == [])
    #expect(offsets(20...29).without(said).ranges == [20...29])
    #expect(offsets(3...9).without([]).ranges == [3...9])
  }

  @Test("neighbours acknowledged alike are one range")
  func merges() {
    var acquired = offsets(0...9)
    acquired.acknowledge(0...3, .accept)
    acquired.acknowledge(4...4, .accept)
    acquired.acknowledge(5...5, .gap)
    acquired.acknowledge(7...7, .gap)
    #expect(text(acquired.acknowledgements) == "0-4 accept, 5-5 gap, 7-7 gap")
  }

  @Test("the offsets without a record are gaps, over the ends of batches and ranges")
  func fillsGaps() {
    var acquired = offsets(0...9, 15...19, 30...31)
    acquired.acknowledge(2...4, .accept)
    acquired.acknowledge(6...6, .accept)
    acquired.acknowledge(16...17, .accept)
    acquired.acknowledgeRest(below: .max, .gap)
    #expect(
      text(acquired.acknowledgements)
        == "0-1 gap, 2-4 accept, 5-5 gap, 6-6 accept, 7-9 gap, 15-15 gap, 16-17 accept, "
        + "18-19 gap, 30-31 gap")
  }

  @Test("what lies behind the last printed record stays unspoken of")
  func fillsGapsUpTo() {
    var acquired = offsets(0...9, 15...19)
    acquired.acknowledge(2...4, .accept)
    acquired.acknowledgeRest(below: 7, .gap)
    #expect(text(acquired.acknowledgements) == "0-1 gap, 2-4 accept, 5-6 gap")
    acquired.acknowledgeRest(below: 0, .release)
    #expect(text(acquired.acknowledgements) == "0-1 gap, 2-4 accept, 5-6 gap")
    acquired.acknowledgeRest(below: 17, .release)
    #expect(
      text(acquired.acknowledgements) == "0-1 gap, 2-4 accept, 5-6 gap, 7-9 release, 15-16 release")
  }

  @Test("an acknowledgement over neighbouring ranges is kept whole")
  func spansRanges() {
    var acquired = offsets(0...4, 5...9)
    acquired.acknowledge(0...4, .reject)
    acquired.acknowledge(5...8, .reject)
    acquired.acknowledgeRest(below: .max, .gap)
    #expect(text(acquired.acknowledgements) == "0-8 reject, 9-9 gap")
  }
}
