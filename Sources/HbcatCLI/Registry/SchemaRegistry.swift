import Avro
import Transport

/// The schemas of a registry by their numbers, each asked for once; for the main thread.
final class SchemaRegistry {
  /// Schemas and errors that are kept; when there are more, all are forgotten.
  static let keptMax = 1000
  /// Bytes of schemas that are kept; when there are more, all are forgotten.
  static let keptBytesMax = 64 << 20
  /// How long an error is not asked for again, in milliseconds.
  private static let faultKeptMs: Int64 = 60_000
  /// How often it is looked whether the user wants an end, in milliseconds.
  private static let pollMs: Int64 = 50

  private enum Known {
    case schema(AvroSchema)
    case fault(RegistryFault, untilMs: Int64)
  }

  private let lookup: SchemaLookup
  private var known: [Int32: Known] = [:]
  private var knownBytes = 0

  /// Makes a registry that is asked when the first schema is needed.
  init(_ lookup: SchemaLookup) { self.lookup = lookup }

  /// Whether the registry must be asked for that schema.
  func mustAsk(for id: Int32) -> Bool {
    switch known[id] {
    case nil: true
    case .schema?: false
    case .fault(_, let untilMs)?: MonotonicClock.nowMs >= untilMs
    }
  }

  /// The schema with that number; asks the registry, on another thread, and waits if it must.
  ///
  /// `shouldStop` is looked at while it waits; true ends that.
  /// - Throws: `RegistryFault` where there is none.
  func schema(_ id: Int32, shouldStop: () -> Bool) throws(RegistryFault) -> AvroSchema {
    if !mustAsk(for: id) {
      switch known[id] {
      case .schema(let schema)?: return schema
      case .fault(let fault, _)?: throw fault
      case nil: break
      }
    }
    let answers = Handover<Result<AvroSchema, RegistryFault>>()
    WorkerThread.start { [lookup] in
      do throws(RegistryFault) {
        answers.push(.success(try lookup.schema(id)))
      } catch {
        answers.push(.failure(error))
      }
    }
    while !shouldStop() {
      guard let answer = answers.take(timeoutMs: Self.pollMs) else { continue }
      if known.count >= Self.keptMax || knownBytes >= Self.keptBytesMax {
        known.removeAll()
        knownBytes = 0
      }
      switch answer {
      case .success(let schema):
        knownBytes += schema.byteCount
        known[id] = .schema(schema)
        return schema
      case .failure(let fault):
        if case .lasting = fault {
          known[id] = .fault(fault, untilMs: MonotonicClock.nowMs + Self.faultKeptMs)
        }
        throw fault
      }
    }
    throw .stopped
  }
}
