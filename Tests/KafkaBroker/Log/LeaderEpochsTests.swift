import Testing

@testable import KafkaBroker

struct LeaderEpochsTests {
  @Test func `an epoch ends where the next begins, the latest at the end of the log`() {
    var epochs = LeaderEpochs()
    epochs.begin(at: 10)
    epochs.begin(at: 20)
    #expect(epochs.latest == 2)
    for (epoch, found, offset) in [(Int32(0), Int32(0), Int64(10)), (1, 1, 20), (2, 2, 25)] {
      let end = epochs.end(of: epoch, logEndOffset: 25)
      #expect(end?.epoch == found)
      #expect(end?.endOffset == offset)
    }
    #expect(epochs.end(of: 3, logEndOffset: 25) == nil)
    #expect(epochs.end(of: -1, logEndOffset: 25) == nil)
    for (offset, epoch) in [(Int64(0), Int32(0)), (9, 0), (10, 1), (19, 1), (20, 2), (30, 2)] {
      #expect(epochs.epoch(at: offset) == epoch)
    }
  }

  @Test func `an epoch that wrote nothing is forgotten`() {
    var epochs = LeaderEpochs()
    epochs.begin(at: 10)
    epochs.begin(at: 10)
    #expect(
      epochs.entries == [.init(epoch: 0, startOffset: 0), .init(epoch: 2, startOffset: 10)])
    let end = epochs.end(of: 1, logEndOffset: 15)
    #expect(end?.epoch == 0)
    #expect(end?.endOffset == 10)
    // As after a cut.
    epochs.begin(at: 4)
    #expect(
      epochs.entries == [.init(epoch: 0, startOffset: 0), .init(epoch: 3, startOffset: 4)])
  }
}
