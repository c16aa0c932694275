import KafkaProtocol
import Transport

/// ApiVersions 0–4: says what this broker can do, and no more.
enum ApiVersionsHandler: Handler {
  typealias Request = ApiVersionsRequest
  nonisolated static var versions: ClosedRange<Int16> { 0...4 }
  /// The cluster's features (KIP-584) and their levels; `transaction.version` 2 is KIP-890.
  private static let features: [(String, Int16)] = [("transaction.version", 2)]

  static func handle(
    _ request: ApiVersionsRequest, in frame: UnsafeRawBufferPointer, _ call: Call
  ) throws(WireError) -> Outcome {
    var response = ApiVersionsResponse()
    if let injected = call.injected {
      response.errorCode = injected
    } else if call.version >= 3,
      !isSoftwareName(request.clientSoftwareName) || !isSoftwareName(request.clientSoftwareVersion)
    {
      call.violation(
        "ApiVersions: client software \"\(request.clientSoftwareName)\""
          + " \"\(request.clientSoftwareVersion)\" is not [A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
      )
      response.errorCode = .invalidRequest
    } else {
      response.apiKeys = APIKey.allCases.compactMap(advertised)
      response.finalizedFeaturesEpoch = 0
      for (name, level) in features {
        var supported = ApiVersionsResponse.SupportedFeature()
        supported.name = name
        supported.maxVersion = level
        response.supportedFeatures.append(supported)
        var finalized = ApiVersionsResponse.FinalizedFeature()
        finalized.name = name
        (finalized.minVersionLevel, finalized.maxVersionLevel) = (level, level)
        response.finalizedFeatures.append(finalized)
      }
    }
    return try reply(response, call)
  }

  /// The answer to a version that is too new: error 35 in a body of version 0 (KIP-511).
  static func unsupported(_ call: Call) -> Outcome {
    var response = ApiVersionsResponse()
    response.errorCode = .unsupportedVersion
    response.apiKeys = [APIKey.apiVersions].compactMap(advertised)
    do {
      return .reply(
        Reply(
          frame: try Request.frame(
            response, version: 0, correlationID: call.header.correlationID)))
    } catch {
      return .close(reason: "ApiVersions: \(error)")
    }
  }

  private static func advertised(_ api: APIKey) -> ApiVersionsResponse.APIVersion? {
    guard let versions = Dispatch.versions(api) else { return nil }
    var row = ApiVersionsResponse.APIVersion()
    row.apiKey = api.rawValue
    row.minVersion = versions.lowerBound
    row.maxVersion = versions.upperBound
    return row
  }

  /// Kafka's rule: letters, digits, `.` and `-`, no `.` or `-` at either end.
  private static func isSoftwareName(_ name: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    guard let first = name.utf8.first, let last = name.utf8.last, isAlphanumeric(first),
      isAlphanumeric(last)
    else { return false }
    return name.utf8.allSatisfy {
      isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
    }
  }
}
