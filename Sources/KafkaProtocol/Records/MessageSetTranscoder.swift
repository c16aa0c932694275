/// Brings message sets (magic 0 and 1) into the record encoding of magic 2.
struct MessageSetTranscoder: ~Copyable {
  private var scratch = ScratchBuffer()

  mutating func decode(
    _ first: BatchCutter.Piece, from cut: inout BatchCutter, decompressor: inout Decompressor,
    verifiesCRC: Bool
  ) throws(RecordError) -> DecodedBatch {
    cut.pass(first)
    throw .unknownMagic(baseOffset: first.baseOffset, magic: first.magic)
  }
}
