import Glibc
import JSON
import KafkaProtocol

extension PartitionFormat {
  /// Prints the records of a batch that lie in `range`; control batches have none.
  ///
  /// `run` tells how far it came, also after an error.
  func write(
    _ batch: DecodedBatch, _ range: RecordRange, to output: inout OutputBuffer,
    run: inout RecordRun
  ) throws(RecordRunError) {
    run = RecordRun()
    guard !batch.isControl, range.countMax > 0 else { return }
    if isLines {
      try writeLines(batch, range, &output, &run)
    } else {
      try writeOperations(batch, range, &output, &run)
    }
  }

  /// The loop of the default format: the value and up to 16 bytes behind it.
  ///
  /// A small function of its own: only so is the iterator inlined into it.
  @inline(never)
  private func writeLines(
    _ batch: DecodedBatch, _ range: RecordRange, _ output: inout OutputBuffer,
    _ run: inout RecordRun
  ) throws(RecordRunError) {
    let delimiter = text.loadUnaligned(as: SIMD16<UInt8>.self)
    let delimiterCount = text.count - Self.literalSlack
    var records = RecordIterator(batch)
    var written = 0
    var last: Int64 = -1
    defer {
      run.written = written
      run.lastOffset = last
    }
    while let record = try next(&records) {
      let offset = batch.offset(of: record)
      if offset < range.startOffset { continue }
      if batch.timestamp(of: record) >= range.stopTimestampMs {
        return run.stop = .timestamp(offset: offset)
      }
      let count = record.value?.count ?? 0
      if count < OutputBuffer.directMin {
        do throws(OutputError) {
          let place = try output.beginRecord(
            count &+ Self.literalSlack, partition: self.place, offset: offset)
          if let start = record.value?.baseAddress { memcpy(place, start, count) }
          (place + count).storeBytes(of: delimiter, as: SIMD16<UInt8>.self)
          try output.endRecord(at: place + count + delimiterCount)
        } catch { throw .output(error) }
      } else {
        try writeCarefully(record, offset, batch, &output)
      }
      written &+= 1
      last = offset
      if written == range.countMax { return run.stop = .count }
    }
  }

  /// The loop of all other formats.
  @inline(never)
  private func writeOperations(
    _ batch: DecodedBatch, _ range: RecordRange, _ output: inout OutputBuffer,
    _ run: inout RecordRun
  ) throws(RecordRunError) {
    var records = RecordIterator(batch)
    var written = 0
    var last: Int64 = -1
    defer {
      run.written = written
      run.lastOffset = last
    }
    while let record = try next(&records) {
      let offset = batch.offset(of: record)
      if offset < range.startOffset { continue }
      let timestamp = batch.timestamp(of: record)
      if timestamp >= range.stopTimestampMs { return run.stop = .timestamp(offset: offset) }
      let count =
        (record.value?.count ?? 0) &+ (record.key?.count ?? 0) &+ record.headers.count
      let room = fixedRoom &+ growth &* count
      if count < OutputBuffer.directMin, room <= OutputBuffer.capacity, !isCareful {
        var place: UnsafeMutableRawPointer
        do throws(OutputError) {
          place = try output.beginRecord(room, partition: self.place, offset: offset)
        } catch { throw .output(error) }
        do throws(RecordFault) {
          try write(record, offset, timestamp, batch.timestampType, &place)
        } catch { throw .record(.corrupt(baseOffset: batch.baseOffset, error)) }
        do throws(OutputError) { try output.endRecord(at: place) } catch { throw .output(error) }
      } else {
        do throws(RecordRunError) { try writeCarefully(record, offset, batch, &output) } catch {
          if case .avroInEnvelope(_, _, isPrinted: true) = error {
            written &+= 1
            last = offset
          }
          throw error
        }
      }
      written &+= 1
      last = offset
      if written == range.countMax { return run.stop = .count }
    }
  }

  @inline(__always)
  private func next(_ records: inout RecordIterator) throws(RecordRunError) -> RecordView? {
    do throws(RecordError) { return try records.next() } catch { throw .record(error) }
  }

  /// Writes one record; there is room for it.
  @inline(__always)
  private func write(
    _ record: RecordView, _ offset: Int64, _ timestamp: Int64, _ type: TimestampType,
    _ place: inout UnsafeMutableRawPointer
  ) throws(RecordFault) {
    guard let text = UnsafeRawPointer(text.baseAddress) else { return }
    for operation in operations {
      switch operation.kind {
      case .literal:
        copyLiteral(text + Int(operation.start), Int(operation.count), &place)
      case .value:
        copy(record.value, &place)
      case .key:
        copy(record.key, &place)
      case .valueLength:
        writeDecimal(Int64(record.value?.count ?? -1), &place)
      case .keyLength:
        writeDecimal(Int64(record.key?.count ?? -1), &place)
      case .valueLengthBinary:
        let length = Int32(truncatingIfNeeded: record.value?.count ?? -1)
        place.storeBytes(of: length.bigEndian, as: Int32.self)
        place += 4
      case .timestamp:
        writeDecimal(timestamp, &place)
      case .offset:
        writeDecimal(offset, &place)
      case .headers:
        place = try Self.writeHeaders(record, place)
      case .jsonTimestamp:
        Self.writeJSONTimestamp(timestamp, type, &place)
      case .jsonHeaders:
        if record.headerCount > 0 { place = try Self.writeJSONHeaders(record, place) }
      case .jsonKey:
        Self.writeJSON(record.key, &place)
      case .jsonValue:
        Self.writeJSON(record.value, &place)
      }
    }
  }

  /// Copies a literal; short ones as two words, whose slack both sides have.
  @inline(__always)
  private func copyLiteral(
    _ start: UnsafeRawPointer, _ count: Int, _ place: inout UnsafeMutableRawPointer
  ) {
    if count <= Self.literalSlack {
      place.storeBytes(
        of: start.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
    } else {
      memcpy(place, start, count)
    }
    place += count
  }

  @inline(__always)
  private func copy(_ bytes: UnsafeRawBufferPointer?, _ place: inout UnsafeMutableRawPointer) {
    if let start = bytes?.baseAddress, let count = bytes?.count {
      memcpy(place, start, count)
      place += count
    } else if null.count > 0, bytes == nil, let text = UnsafeRawPointer(text.baseAddress) {
      memcpy(place, text, Int(null.count))
      place += Int(null.count)
    }
  }

  @inline(__always)
  static func put(_ text: StaticString, _ place: inout UnsafeMutableRawPointer) {
    memcpy(place, text.utf8Start, text.utf8CodeUnitCount)
    place += text.utf8CodeUnitCount
  }

  /// `name=value,name=value` as kcat prints it: null as `NULL`, a value only up to a NUL byte.
  @inline(never)
  private static func writeHeaders(
    _ record: RecordView, _ start: UnsafeMutableRawPointer
  ) throws(RecordFault) -> UnsafeMutableRawPointer {
    var place = start
    var headers = HeaderIterator(record)
    while let header = try headers.next() {
      if place > start { put(",", &place) }
      put(upToNUL(header.name), &place)
      put("=", &place)
      if let value = header.value { put(upToNUL(value), &place) } else { put("NULL", &place) }
    }
    return place
  }

  private static func put(
    _ bytes: UnsafeRawBufferPointer, _ place: inout UnsafeMutableRawPointer
  ) {
    guard let start = bytes.baseAddress else { return }
    memcpy(place, start, bytes.count)
    place += bytes.count
  }

  static func upToNUL(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes.prefix { $0 != 0 })
  }

  @inline(__always)
  static func writeJSONTimestamp(
    _ timestamp: Int64, _ type: TimestampType, _ place: inout UnsafeMutableRawPointer
  ) {
    switch type {
    case .none: return
    case .create: put(",\"tstype\":\"create\",\"ts\":", &place)
    case .logAppend: put(",\"tstype\":\"logappend\",\"ts\":", &place)
    }
    writeDecimal(timestamp, &place)
  }

  @inline(__always)
  private static func writeJSON(
    _ bytes: UnsafeRawBufferPointer?, _ place: inout UnsafeMutableRawPointer
  ) {
    guard let bytes else { return put("null", &place) }
    put("\"", &place)
    place += JSONEscape.kcat(bytes, to: place)
    put("\"", &place)
  }

  @inline(never)
  private static func writeJSONHeaders(
    _ record: RecordView, _ start: UnsafeMutableRawPointer
  ) throws(RecordFault) -> UnsafeMutableRawPointer {
    var place = start
    var headers = HeaderIterator(record)
    put(",\"headers\":[", &place)
    let first = place
    while let header = try headers.next() {
      if place > first { put(",", &place) }
      writeJSON(header.name, &place)
      put(",", &place)
      writeJSON(header.value, &place)
    }
    put("]", &place)
    return place
  }
}
