import Synchronization

/// Memory of large batches that goes round: the loop gives it back, the producing thread takes it again.
///
/// The block that came last goes first, since it is warmest.
final class BlockPool: Sendable {
  /// Smaller blocks are left to malloc, which has them at hand.
  static let blockMin = 64 << 10
  /// More than this is not kept: while the budget is spent a block is wanted again at once, and otherwise few are.
  private static let bytesMax = 1 << 20

  private struct Free {
    var blocks: [[UInt8]] = []
    var bytes = 0
  }
  private let free = Mutex(Free())

  init() {}

  /// Keeps a block, if it is large and there is room.
  func give(_ block: [UInt8]) {
    guard block.count >= Self.blockMin else { return }
    free.withLock { free in
      guard free.bytes + block.count <= Self.bytesMax else { return }
      free.bytes += block.count
      free.blocks.append(block)
    }
  }

  /// A block of at least `size` and at most twice as many bytes, or nil.
  func take(_ size: Int) -> [UInt8]? {
    free.withLock { free in
      let fits = free.blocks.lastIndex { $0.count >= size && $0.count / 2 <= size }
      guard let fits else { return nil }
      let block = free.blocks.remove(at: fits)
      free.bytes -= block.count
      return block
    }
  }
}
