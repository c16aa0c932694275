/// Why a record of telemetry is none, and where.
public struct TelemetryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: Hashable, Sendable {
    /// The record is not JSON; the text says why.
    case notJSON(String)
    /// The record, or an element of its list, is no object.
    case notAnObject
    /// Neither the record nor the caller names a device.
    case noDevice
  }

  /// What is wrong.
  public let reason: Reason
  /// The line in the record, from 1.
  public let line: Int
  /// The column in characters (Unicode scalars), from 1.
  public let column: Int

  /// The reason as a sentence, without the position.
  public var message: String {
    switch reason {
    case .notJSON(let why): why
    case .notAnObject: "a record of telemetry is a JSON object, or a list of them"
    case .noDevice:
      "the record names no device; give it \"device-id\" or \"device\", or the device as its key"
    }
  }

  /// Position and reason.
  public var description: String { "line \(line), column \(column): \(message)" }
}
