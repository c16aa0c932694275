import KafkaProtocol
import Testing

/// Kafka's own definitions against every message: the walker of these tests knows nothing of hbcat.
@Suite(
  .enabled(
    if: DefinitionSet.isThere,
    "skipped: no folder shared/kafka-messages above the package; HBCAT_SHARED names its parent"))
struct ConformanceTests {
  let sets: [DefinitionSet]

  init() throws { sets = try DefinitionSet.all() }

  /// A message in one version of one release's definitions.
  struct Case {
    var side: StructTable.Side
    var walker: Walker
    var version: Int
    var release: String
    var isFlexible: Bool { walker.message.flexible.contains(version) }
    var label: String { "\(side.name) v\(version) of \(release)" }
    /// The same in every run, and another for each case.
    func dice(_ round: Int) -> Dice {
      let name = side.name.unicodeScalars.reduce(0) { $0 &* 31 &+ Int($1.value) }
      return Dice(seed: name &* 1_000_003 &+ version &* 1009 &+ round)
    }
  }

  var cases: [Case] {
    sets.flatMap { (set) in
      (StructTable.rows.flatMap(\.sides) + StructTable.data.map(\.side)).flatMap {
        (side) -> [Case] in
        guard let message = set.messages[side.name], let versions = message.validVersions else {
          return []
        }
        return versions.map {
          Case(side: side, walker: Walker(message: message), version: $0, release: set.release)
        }
      }
    }
  }

  @Test func `every API has a struct and the versions that Kafka's definitions give it`() throws {
    #expect(Set(StructTable.rows.map(\.api)) == Set(APIKey.allCases))
    #expect(StructTable.rows.count == APIKey.allCases.count)
    for row in StructTable.rows {
      for side in row.sides {
        let messages = sets.compactMap { $0.messages[side.name] }
        #expect(messages.count == 2, "\(side.name) is not in both sets")
        var known: Set<Int> = []
        for message in messages {
          #expect(message.apiKey == row.api.rawValue, "\(side.name)")
          known.formUnion(message.validVersions ?? 0...0)
        }
        #expect(known == Set(row.api.versions.map { Int($0) }), "\(side.name)")
        for version in row.api.versions {
          for message in messages where message.validVersions?.contains(Int(version)) == true {
            #expect(
              message.flexible.contains(Int(version)) == row.api.isFlexible(version),
              "\(side.name) v\(version)")
          }
        }
      }
      // A version is unstable where the newest release that has it says so.
      let stable = row.api.versions.filter { (version) in
        let newest = sets.compactMap { $0.messages[row.request.name] }
          .last { $0.validVersions?.contains(Int(version)) == true }
        guard let newest else { return false }
        return !newest.latestVersionUnstable || newest.validVersions?.upperBound != Int(version)
      }
      #expect(Array(row.api.stableVersions) == stable, "\(row.api.name)")
    }
    let known = Set(APIKey.allCases.map(\.rawValue))
    let missing = (sets.last?.messages.values ?? [:].values)
      .filter { $0.type == "request" && !known.contains($0.apiKey ?? -1) }
      .map { String($0.name.dropLast("Request".count)) }.sorted()
    print(
      "conformance: Kafka has and hbcat has not (\(missing.count)): \(missing.joined(separator: " "))"
    )
  }

  @Test func `hbcat reads what Kafka's definitions say and writes the same bytes`() throws {
    var values = 0
    var extra = 0
    for item in cases {
      for round in 0..<30 {
        var dice = item.dice(round)
        let value = item.walker.random(version: item.version, dice: &dice)
        let bytes = try item.walker.bytes(value, version: item.version, dice: &dice)
        do {
          let reading = try item.side.read(bytes, item.version, item.isFlexible)
          #expect(reading.consumed == bytes.count, "\(item.label) round \(round)")
          let written = try reading.write(item.version, item.isFlexible)
          #expect(written == bytes, "\(item.label) round \(round)")
        } catch {
          Issue.record("\(item.label) round \(round): \(error)")
        }
        values += 1
        guard item.isFlexible else { continue }
        // What a newer peer adds and a careless one spells out is read, and not kept.
        let more = try item.walker.bytes(
          value, version: item.version, tags: Walker.Tags(unknown: true, defaults: true),
          dice: &dice)
        do {
          let reading = try item.side.read(more, item.version, true)
          #expect(reading.consumed == more.count, "\(item.label) round \(round), more tags")
          #expect(
            try reading.write(item.version, true) == bytes,
            "\(item.label) round \(round), more tags")
        } catch {
          Issue.record("\(item.label) round \(round), more tags: \(error)")
        }
        extra += 1
      }
    }
    let messages = Set(cases.map(\.side.name)).count
    print(
      "conformance: \(messages) messages, \(cases.count) versions of them in \(sets.count) releases,",
      "\(values) values read and written, \(extra) more read with unknown and default tags")
    #expect(messages == 2 * APIKey.allCases.count + StructTable.data.count)
  }

  @Test func `group data begins with its version, and a newer one is read as the newest known`()
    throws
  {
    for data in StructTable.data {
      for set in sets {
        let message = try #require(set.messages[data.side.name])
        let walker = Walker(message: message)
        #expect(message.type == "data" && message.flexible.range == nil)
        #expect(
          message.validVersions == Int(data.versions.lowerBound)...Int(data.versions.upperBound))
        for version in data.versions {
          var dice = Dice(seed: Int(version))
          let body = try walker.bytes(
            walker.random(version: Int(version), dice: &dice), version: Int(version), dice: &dice)
          let bytes = [0, UInt8(version)] + body
          let again = try data.reencode(bytes)
          #expect(again.version == version && again.bytes == bytes)
          // What newer members add stands behind what is known.
          if version == data.versions.upperBound {
            let newer = try data.reencode([0x7f, 0xff] + body + [1, 2, 3])
            #expect(newer.version == version && newer.bytes == bytes)
          }
          for count in bytes.indices {
            #expect(throws: WireError.self) { try data.reencode([UInt8](bytes[..<count])) }
          }
        }
      }
      #expect(throws: WireError.unsupportedVersion(api: data.side.name, version: -1)) {
        try data.reencode([0xff, 0xff, 0, 0, 0, 0])
      }
    }
  }

  @Test func `a new message has Kafka's defaults`() throws {
    // A client is what hbcat mostly is: the id of a replica is −1 unless said otherwise.
    let deviations: [String: Walker.Value] = ["ListOffsetsRequest": .int(-1)]
    for item in cases {
      var dice = item.dice(0)
      var value = item.walker.defaults(version: item.version)
      if let own = deviations[item.side.name], case .structure(var fields) = value {
        fields["ReplicaId"] = own
        value = .structure(fields)
      }
      try expectSame(item, to: item.version, value, dice: &dice) {
        () throws(WireError) in try item.side.writeDefaults(item.version, item.isFlexible)
      }
    }
  }

  @Test func `a version that lacks a value refuses it, unless Kafka calls it ignorable`() throws {
    var pairs = 0
    var refused = 0
    for item in cases {
      guard let versions = item.walker.message.validVersions else { continue }
      for target in versions {
        for round in 0..<4 {
          var dice = item.dice(1000 + round)
          // Defaults too, so that not nearly all are refused.
          let value =
            round == 0
            ? item.walker.defaults(version: item.version)
            : item.walker.random(version: item.version, dice: &dice)
          guard let bytes = try? item.walker.bytes(value, version: item.version, dice: &dice)
          else { continue }
          let reading = try item.side.read(bytes, item.version, item.isFlexible)
          let isFlexible = item.walker.message.flexible.contains(target)
          let isRefused = try expectSame(item, to: target, value, dice: &dice) {
            () throws(WireError) in try reading.write(target, isFlexible)
          }
          pairs += 1
          if isRefused { refused += 1 }
        }
      }
    }
    print("conformance: \(pairs) values written in another version, \(refused) of them refused")
    #expect(refused > 0 && refused < pairs)
  }

  /// Demands that hbcat writes what the definition says, or refuses it for the same reason.
  @discardableResult private func expectSame(
    _ item: Case, to version: Int, _ value: Walker.Value, dice: inout Dice,
    _ write: () throws(WireError) -> [UInt8]
  ) throws -> Bool {
    let wanted: Result<[UInt8], any Error> = Result {
      try item.walker.bytes(value, version: version, dice: &dice)
    }
    let written = Result { () throws(WireError) in try write() }
    switch (wanted, written) {
    case (.success(let wanted), .success(let written)):
      #expect(written == wanted, "\(item.label) as v\(version)")
      return false
    case (.failure(let refusal as Walker.Refusal), .failure(let error)):
      switch refusal {
      case .lost: #expect(error == .fieldNotInVersion(version: Int16(version)), "\(item.label)")
      case .null: #expect(error == .unexpectedNull, "\(item.label) as v\(version)")
      case .unknownKind(let field): Issue.record("\(item.label): \(field) has an unknown kind")
      }
      return true
    default:
      Issue.record("\(item.label) as v\(version): wanted \(wanted), written \(written)")
      return true
    }
  }

  @Test func `every truncated message is an error, and bytes behind one are noticed`() throws {
    var prefixes = 0
    for item in cases {
      for round in 0..<2 {
        var dice = item.dice(2000 + round)
        let value = item.walker.random(version: item.version, dice: &dice)
        let bytes = try item.walker.bytes(
          value, version: item.version, tags: Walker.Tags(unknown: round == 1), dice: &dice)
        for count in bytes.indices {
          do {
            _ = try item.side.read([UInt8](bytes[..<count]), item.version, item.isFlexible)
            Issue.record("\(item.label): \(count) of \(bytes.count) bytes were read as a message")
          } catch { prefixes += 1 }
        }
        let reading = try item.side.read(bytes + [0, 1, 2], item.version, item.isFlexible)
        #expect(reading.consumed == bytes.count, "\(item.label)")
      }
    }
    print("conformance: \(prefixes) truncated messages refused")
    #expect(prefixes > 0)
  }

  @Test func `a flipped byte gives an error or a value`() throws {
    var refused = 0
    var read = 0
    for item in cases {
      for round in 0..<2 {
        var dice = item.dice(3000 + round)
        let value = item.walker.random(version: item.version, dice: &dice)
        var bytes = try item.walker.bytes(
          value, version: item.version, tags: Walker.Tags(unknown: round == 1), dice: &dice)
        for index in bytes.indices {
          let before = bytes[index]
          for mask in [UInt8(0xff), UInt8(1 + dice.below(255))] {
            bytes[index] = before ^ mask
            do {
              let reading = try item.side.read(bytes, item.version, item.isFlexible)
              _ = try reading.write(item.version, item.isFlexible)
              read += 1
            } catch { refused += 1 }
          }
          bytes[index] = before
        }
      }
    }
    print("conformance: \(read + refused) flipped bytes, \(refused) of them refused")
    #expect(read > 0 && refused > 0)
  }

  @Test func `frames have the headers that Kafka's definitions give them`() throws {
    var frames = 0
    for set in sets {
      let requestHeader = try #require(set.messages["RequestHeader"])
      let responseHeader = try #require(set.messages["ResponseHeader"])
      for row in StructTable.rows {
        let request = try #require(set.messages[row.request.name])
        let response = try #require(set.messages[row.response.name])
        for version in request.validVersions ?? 0...0 {
          for round in 0..<6 {
            var dice = Dice(seed: version &* 31 &+ round)
            let label: Comment = "\(row.api.name) v\(version) of \(set.release)"

            let name = round == 0 ? Walker.Value.null : .string(dice.string())
            let header = Walker.Value.structure([
              "RequestApiKey": .int(Int64(row.api.rawValue)),
              "RequestApiVersion": .int(Int64(version)), "CorrelationId": .int(Int64(round) - 1),
              "ClientId": name,
            ])
            let isFlexible = request.flexible.contains(version)
            var walker = Walker(message: requestHeader)
            let head = try walker.bytes(header, version: isFlexible ? 2 : 1, dice: &dice)
            walker.message = request
            let body = try walker.bytes(
              walker.random(version: version, dice: &dice), version: version, dice: &dice)
            let (read, frame) = try row.reframeRequest(head + body)
            #expect(frame == length(head + body) + head + body, label)
            #expect(read.key == row.api.rawValue && read.version == Int16(version), label)
            #expect(read.correlationID == Int32(round) - 1, label)
            #expect((read.clientID.map { .string($0) } ?? .null) == name, label)
            #expect(throws: WireError.trailingBytes(1)) {
              try row.reframeRequest(head + body + [0])
            }
            #expect(throws: WireError.self) { try row.reframeRequest(head.dropLast()) }

            // KIP-511: who asks for versions does not know yet which header the broker writes.
            let hasTags = isFlexible && row.api != .apiVersions
            walker.message = responseHeader
            let id = Walker.Value.structure(["CorrelationId": .int(Int64(round) - 1)])
            let answerHead = try walker.bytes(id, version: hasTags ? 1 : 0, dice: &dice)
            walker.message = response
            let answer = try walker.bytes(
              walker.random(version: version, dice: &dice), version: version, dice: &dice)
            let again = try row.reframeResponse(answerHead + answer + [7], Int16(version))
            #expect(again.frame == length(answerHead + answer) + answerHead + answer, label)
            #expect(again.correlationID == Int32(round) - 1 && again.trailing == 1, label)
            frames += 2
          }
        }
      }
    }
    print("conformance: \(frames) frames with headers")
    #expect(frames > 0)
  }

  private func length(_ bytes: [UInt8]) -> [UInt8] {
    (0..<4).reversed().map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) }
  }
}
