import Healthbot

extension AlarmSender {
  func post(_ entries: [SpoolEntry], _ name: String) -> [SpoolEntry] { entries }
}
