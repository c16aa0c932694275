import KafkaProtocol
import Testing

@testable import KafkaClient

@Suite struct VersionTableTests {
  private func table(_ key: APIKey, _ range: ClosedRange<Int16>) -> VersionTable {
    var response = ApiVersionsResponse()
    var row = ApiVersionsResponse.APIVersion()
    row.apiKey = key.rawValue
    row.minVersion = range.lowerBound
    row.maxVersion = range.upperBound
    response.apiKeys = [row]
    return VersionTable(response)
  }

  @Test func `the newest version that both speak is taken`() throws {
    #expect(try table(.fetch, 0...11).version(of: .fetch) == 11)
    #expect(try table(.fetch, 4...99).version(of: .fetch) == APIKey.fetch.stableVersions.upperBound)
    #expect(try table(.fetch, 4...99).version(of: .fetch, atMost: 12) == 12)
  }

  @Test func `F79: where the ranges do not meet the error names both`() {
    #expect {
      try table(.produce, 50...60).version(of: .produce)
    } throws: { error in
      "\(error)".contains("Produce") && "\(error)".contains("50 to 60")
    }
  }

  @Test func `an unstable version is not sent`() throws {
    #expect(try table(.initProducerId, 0...6).version(of: .initProducerId) == 5)
    #expect(try table(.shareFetch, 0...1).version(of: .shareFetch) == 1)
    #expect(throws: ClientError.self) { try table(.shareFetch, 0...0).version(of: .shareFetch) }
  }

  @Test func `brokers before ApiVersions have the versions of their release`() throws {
    let old = VersionTable.fallback(forBrokerVersion: "0.9.0")
    #expect(try old.version(of: .produce) == 1)
    #expect(try old.version(of: .metadata) == 0)
    #expect(!old.offers(.apiVersions))
    #expect(try old.version(of: .joinGroup) == 0)
    #expect(try old.version(of: .offsetCommit) == 2)
    #expect(!old.offers(.consumerGroupHeartbeat))
    let newer = VersionTable.fallback(forBrokerVersion: "0.10.2")
    #expect(try newer.version(of: .fetch) == 3)
    #expect(try newer.version(of: .listOffsets) == 1)
    #expect(try newer.version(of: .offsetFetch) == 2)
  }

  @Test func `the release is guessed from the newest versions`() {
    func release(_ rows: (key: Int16, newest: Int16)...) -> String? {
      var response = ApiVersionsResponse()
      response.apiKeys = rows.map { key, newest in
        var row = ApiVersionsResponse.APIVersion()
        row.apiKey = key
        row.maxVersion = newest
        return row
      }
      return VersionTable(response).release
    }
    #expect(release((0, 13), (1, 18), (18, 4), (78, 2)) == "4.2 or later")
    #expect(release((0, 11), (1, 17), (18, 4)) == "3.9")
    #expect(release((0, 7), (1, 10), (18, 2), (43, 0)) == "2.2")
    #expect(release((0, 2), (1, 3), (18, 0), (19, 1)) == "0.10.2")
    #expect(release((0, 2), (1, 2), (18, 0)) == "0.10.0")
    #expect(release((0, 1), (1, 1)) == nil)
  }
}
