internal import JSON

/// A time in which alarms that meet all its matchers are kept quiet.
public struct Silence: Hashable, Sendable {
  /// What tells silences apart; the key of its record.
  public var id: String
  /// What an alarm must meet, one or more.
  public var matchers: [AlarmMatcher]
  /// Who made it.
  public var author: String
  /// Why.
  public var comment: String
  /// When it was made, in milliseconds since 1970.
  public var createdMs: Int64
  /// When it begins, in milliseconds since 1970.
  public var startsMs: Int64
  /// When it ends, in milliseconds since 1970; that moment does not belong to it any more.
  public var endsMs: Int64

  /// The most bytes of a record that is read.
  public static let bytesMax = 64 << 10
  /// The most matchers of a silence.
  public static let matchersMax = 64

  /// Makes a silence.
  public init(
    id: String, matchers: [AlarmMatcher], author: String, comment: String, createdMs: Int64,
    startsMs: Int64, endsMs: Int64
  ) {
    self.id = id
    self.matchers = matchers
    self.author = author
    self.comment = comment
    self.createdMs = createdMs
    self.startsMs = startsMs
    self.endsMs = endsMs
  }

  /// Whether it holds at a time.
  public func isActive(atMs nowMs: Int64) -> Bool { startsMs <= nowMs && nowMs < endsMs }

  // MARK: The record

  /// The record's value: an object with id, matchers (texts), author, comment, createdAt, startsAt and
  /// endsAt (milliseconds since 1970).
  public var bytes: [UInt8] {
    var writer = JSONWriter(.python)
    writer.beginObject()
    for (name, text) in [("id", id), ("author", author), ("comment", comment)] {
      writer.name(name)
      writer.string(text)
    }
    writer.name("matchers")
    writer.beginArray()
    for matcher in matchers { writer.string(matcher.description) }
    writer.endArray()
    for (name, time) in [("createdAt", createdMs), ("startsAt", startsMs), ("endsAt", endsMs)] {
      writer.name(name)
      writer.integer(time)
    }
    writer.endObject()
    return writer.bytes
  }

  /// Reads a record's value; further fields are left out.
  /// - Throws: `SilenceError` where it is no silence.
  public init(parsing value: UnsafeRawBufferPointer) throws(SilenceError) {
    guard value.count <= Self.bytesMax else {
      throw SilenceError(reason: "\(value.count) bytes are more than \(Self.bytesMax)")
    }
    var reader = JSONReader(value)
    var texts: [String: String] = [:]
    var times: [String: Int64] = [:]
    var matchers: [AlarmMatcher] = []
    do {
      guard try reader.next() == .objectStart else {
        throw SilenceError(reason: "it is no JSON object")
      }
      while case .name(let span)? = try reader.next() {
        let name = reader.string(span)
        switch try reader.next() {
        case .string(let span)?: texts[name] = reader.string(span)
        case .number(let span)?: times[name] = reader.integer(span)
        case .arrayStart?: matchers += try Self.matchers(&reader, isWanted: name == "matchers")
        case .objectStart?:
          let level = reader.depth
          while reader.depth >= level { _ = try reader.next() }
        case .bool?, .null?, .name?, .objectEnd?, .arrayEnd?, nil: break
        }
      }
      _ = try reader.next()
    } catch let error as SilenceError {
      throw error
    } catch {
      throw SilenceError(reason: "\(error)")
    }
    guard let id = texts["id"], let startsMs = times["startsAt"], let endsMs = times["endsAt"],
      !matchers.isEmpty
    else { throw SilenceError(reason: "id, matchers, startsAt or endsAt is missing") }
    self.init(
      id: id, matchers: matchers, author: texts["author"] ?? "", comment: texts["comment"] ?? "",
      createdMs: times["createdAt"] ?? startsMs, startsMs: startsMs, endsMs: endsMs)
  }

  /// The matchers of a list that was opened; of another list none.
  private static func matchers(_ reader: inout JSONReader, isWanted: Bool) throws -> [AlarmMatcher]
  {
    var found: [AlarmMatcher] = []
    let level = reader.depth
    while reader.depth >= level {
      let token = try reader.next()
      guard isWanted, case .string(let span)? = token else { continue }
      do throws(AlarmMatcherError) {
        found += try AlarmMatcher.list(parsing: reader.string(span))
      } catch {
        throw SilenceError(reason: "\(error)")
      }
      guard found.count <= matchersMax else {
        throw SilenceError(reason: "it has more than \(matchersMax) matchers")
      }
    }
    return found
  }
}

/// Why a record is no silence.
public struct SilenceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public let reason: String
  /// Makes an error.
  public init(reason: String) { self.reason = reason }

  /// A sentence for people.
  public var description: String { "it is no silence: \(reason)" }
}
