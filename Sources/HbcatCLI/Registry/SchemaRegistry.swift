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

  /// The schema with that number where it is known; nil where the registry must be asked.
  ///
  /// - Throws: `RegistryFault` where the registry has said not long ago that there is none.
  func kept(_ id: Int32) throws(RegistryFault) -> AvroSchema? {
    switch known[id] {
    case nil: return nil
    case .schema(let schema)?: return schema
    case .fault(let fault, let untilMs)?:
      if MonotonicClock.nowMs < untilMs { throw fault }
      return nil
    }
  }

  /// Asks the registry for a schema, on another thread, and waits.
  ///
  /// `shouldStop` is looked at while it waits; true ends that.
  /// - Throws: `RegistryFault` where there is none.
  func ask(for id: Int32, shouldStop: () -> Bool) throws(RegistryFault) -> AvroSchema {
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
