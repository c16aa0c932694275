/// What the headers of a Fetch response's record data say, without a look at any record.
///
/// Every form begins with an INT64 offset and an INT32 length, and has its magic byte at 16: in record
/// batches (magic 2) the offset is the base and the last delta stands at 23; in message sets (0 and 1) it
/// is that of the message itself.
struct LogSpan {
  /// The offset after the last whole batch; nil where no batch is whole.
  var nextOffset: Int64?
  /// The leader's epoch in the last whole batch; −1 where it has none.
  var lastEpoch: Int32 = -1
  /// Bytes of whole batches.
  var wholeBytes = 0
  /// Bytes that the first batch has in full, where not even that is whole; else 0.
  var firstBatchSize = 0

  /// Walks over the headers; stops at the first batch that is not whole or whose length cannot be.
  init(_ bytes: UnsafeRawBufferPointer) {
    var at = 0
    while bytes.count - at >= 17 {
      let base = Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: Int64.self))
      let length = Int(
        Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: at + 8, as: Int32.self)))
      guard length >= 14 else { break }
      guard length + 12 <= bytes.count - at else {
        if at == 0 { firstBatchSize = length + 12 }
        break
      }
      var last = base
      var epoch: Int32 = -1
      if bytes[at + 16] >= 2 {
        guard length >= 49 else { break }
        let delta = Int32(
          bigEndian: bytes.loadUnaligned(fromByteOffset: at + 23, as: Int32.self))
        epoch = Int32(
          bigEndian: bytes.loadUnaligned(fromByteOffset: at + 12, as: Int32.self))
        last = base.addingReportingOverflow(Int64(delta)).partialValue
      }
      // An offset that overflows or goes backwards is left to the reader of the batch, which names it (S7).
      guard last >= 0, last < .max, last >= (nextOffset ?? 0) - 1 else { break }
      nextOffset = last + 1
      lastEpoch = epoch
      at += length + 12
    }
    wholeBytes = at
  }
}
