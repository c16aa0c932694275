public import Transport

/// The memory that responses lie in until their reader gives it back.
///
/// Small frames (control responses) are always allowed. Large ones count against a budget: while it is
/// spent, a connection whose next response is large is not read and no further Fetch is sent. Blocks go
/// round, since fresh memory costs page faults.
@Net public final class FrameBuffers {
  /// Frames below this size do not count, in bytes.
  nonisolated static let smallMax = 64 << 10
  private let budget: Int
  private var taken = 0
  private var free: [Buffer] = []
  private var waiting: [@Net () -> Void] = []

  /// Makes a pool with room for `budget` bytes; one frame larger than that is allowed alone.
  public init(budget: Int) { self.budget = budget }

  /// True where a large frame may be taken.
  public var hasRoom: Bool { taken < budget }

  /// A block for a frame of `size` bytes, or nil where the budget is spent.
  func take(_ size: Int) -> Buffer? {
    guard size > Self.smallMax else { return Buffer(capacity: size) }
    guard taken == 0 || taken + size <= budget else { return nil }
    taken += size
    // Never reserve what is merely claimed (S1): beyond this the block grows as bytes arrive.
    let buffer = free.popLast() ?? Buffer(capacity: min(size, 1 << 20) + 4096)
    buffer.start = 0
    buffer.count = 0
    return buffer
  }

  /// Calls `body` once when memory has come back.
  func whenFree(_ body: @escaping @Net () -> Void) { waiting.append(body) }

  /// Waits until a large frame may be taken.
  func waitForRoom() async {
    while !hasRoom {
      await withCheckedContinuation { continuation in whenFree { continuation.resume() } }
    }
  }

  /// Takes back a block that held a frame of `size` bytes.
  public func giveBack(_ buffer: Buffer, size: Int) {
    guard size > Self.smallMax else { return }
    taken -= size
    if free.count < 8 { free.append(buffer) }
    let ready = waiting
    waiting = []
    for body in ready { body() }
  }
}
