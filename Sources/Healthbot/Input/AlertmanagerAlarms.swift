public import JSON

/// Makes alarms of what Alertmanager posts to a webhook: JSON documents, version 4, in a stream of bytes.
///
/// Grafana's documents have the same form. Each alert becomes an alarm; its labels say what it is:
/// - `rule`: `alertname`.
/// - `device-id`: `device-id`, `device_id`, `device` or `instance`, the last without its port, which is the
///   exporter's.
/// - `group`: `group`, `device-group` or `device_group`.
/// - `topic`: `topic` or `job`, else the default, else `alertmanager`.
/// - `trigger`: `trigger` or `alertname`.
/// - `severity`: normal for what is resolved; major for `critical` and its like, minor for `warning` and its
///   like, the default (or minor) for another one.
/// - `message`: the annotation `summary`, `description` or `message`, else the default, else `alertname`.
/// - `keys`: all labels that are not in a field as they stand. So `severity` is one of them: alerts
///   that differ by it alone are two to Alertmanager, and the end of one does not clear the other.
///
/// What no label says comes from the defaults. Labels that are empty are none, as in Prometheus.
public struct AlertmanagerAlarms: Sendable {
  /// An alarm, or what cannot be made one.
  public typealias Each = (Result<Alarm, AlertmanagerError>) -> Void

  private let defaults: AlarmDefaults
  private let needsDevice: Bool
  private var splitter: JSONDocumentSplitter
  private var documentCount = 0

  /// Begins a stream.
  ///
  /// Only where `needsDevice` is false may an alert name no device. A document has at most `bytesMax` bytes.
  public init(
    defaults: AlarmDefaults = AlarmDefaults(), needsDevice: Bool = true,
    bytesMax: Int = JSONDocumentSplitter.bytesMaxDefault
  ) {
    self.defaults = defaults
    self.needsDevice = needsDevice
    splitter = JSONDocumentSplitter(bytesMax: bytesMax)
  }

  /// Takes the next bytes; each document that they end has its alerts said.
  public mutating func feed(_ chunk: UnsafeRawBufferPointer, _ each: Each) {
    var count = documentCount
    splitter.feed(chunk) { [defaults, needsDevice] piece in
      count += 1
      Self.read(piece, count, defaults, needsDevice, each)
    }
    documentCount = count
  }

  /// Ends the stream.
  public mutating func finish(_ each: Each) {
    splitter.finish { [defaults, needsDevice, documentCount] piece in
      Self.read(piece, documentCount + 1, defaults, needsDevice, each)
    }
  }

  private static func read(
    _ piece: JSONDocumentSplitter.Piece, _ number: Int, _ defaults: AlarmDefaults,
    _ needsDevice: Bool, _ each: Each
  ) {
    switch piece {
    case .broken(let why, let line):
      each(.failure(AlertmanagerError(document: number, line: line, column: nil, message: why)))
    case .document(let bytes, let line):
      bytes.withUnsafeBytes { bytes in
        var document = AlertmanagerDocument(
          bytes, number: number, firstLine: line, defaults, needsDevice: needsDevice)
        document.read(each)
      }
    }
  }
}

/// Why a document, or an alert in it, is no alarm, and where.
public struct AlertmanagerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number of the document in the stream, from 1.
  public let document: Int
  /// The number of the alert in the document, from 1; nil where the whole document is meant.
  public let alert: Int?
  /// The line in the stream, from 1.
  public let line: Int
  /// The column in characters (Unicode scalars), from 1; nil where the line alone is known.
  public let column: Int?
  /// What is wrong.
  public let message: String

  init(document: Int, alert: Int? = nil, line: Int, column: Int?, message: String) {
    self.document = document
    self.alert = alert
    self.line = line
    self.column = column
    self.message = message
  }

  /// Document, alert, position and reason.
  public var description: String {
    "document \(document)" + (alert.map { ", alert \($0)" } ?? "") + ", line \(line)"
      + (column.map { ", column \($0)" } ?? "") + ": \(message)"
  }
}
