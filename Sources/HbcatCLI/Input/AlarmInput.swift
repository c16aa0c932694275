import Healthbot

/// Makes alarms of stdin's lines, in whichever form they come.
struct AlarmInput {
  /// What a line, or several together, come to.
  enum Item {
    /// An alarm, and what stands in front of a message about it.
    case alarm(Alarm, context: String)
    /// Why there is none.
    case refused(String)
  }

  private let form: NotifyPlan.Form
  private let defaults: AlarmDefaults
  private let needsDevice: Bool
  private var alerts: AlertmanagerAlarms
  private var lastLine = 1

  init(_ plan: NotifyPlan, needsDevice: Bool) {
    form = plan.form
    defaults = plan.defaults
    self.needsDevice = needsDevice
    alerts = AlertmanagerAlarms(defaults: plan.defaults, needsDevice: needsDevice)
  }

  /// The longest line of a form, in bytes.
  static func bytesMax(_ form: NotifyPlan.Form) -> Int {
    form == .alertmanager ? 8 << 20 : 1_000_000
  }

  /// Takes a line, without its newline.
  mutating func take(
    _ line: UnsafeRawBufferPointer, _ number: Int, _ each: (Item) -> Void
  ) {
    switch form {
    case .json:
      do throws(AlarmError) {
        let alarm = try AlarmLine.alarm(in: line, line: number, needsDevice: needsDevice)
        each(.alarm(alarm, context: "line \(number): "))
      } catch { each(.refused("\(error)")) }
    case .words:
      do throws(AlarmError) {
        let alarm = try AlarmWords.alarm(
          in: line, line: number, defaults: defaults, needsDevice: needsDevice)
        each(.alarm(alarm, context: "line \(number): "))
      } catch { each(.refused("\(error)")) }
    case .alertmanager:
      // The lines that were left out since they are empty count all the same.
      let newlines = [UInt8](repeating: UInt8(ascii: "\n"), count: number - lastLine)
      newlines.withUnsafeBytes { alerts.feed($0) { each(Self.item($0)) } }
      lastLine = number
      alerts.feed(line) { each(Self.item($0)) }
    }
  }

  /// Ends the input.
  mutating func finish(_ each: (Item) -> Void) {
    if form == .alertmanager { alerts.finish { each(Self.item($0)) } }
  }

  private static func item(_ result: Result<Alarm, AlertmanagerError>) -> Item {
    switch result {
    case .success(let alarm): .alarm(alarm, context: "")
    case .failure(let error): .refused("\(error)")
    }
  }
}
