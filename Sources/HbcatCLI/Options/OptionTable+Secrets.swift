extension OptionTable {
  /// What is about secrets, which kcat has not.
  static let secrets: [OptionRow] = [
    OptionRow(
      .strictSecrets, nil, ["strict-secrets"],
      in: [.list, .ping, .produce, .consume, .query, .notify, .ingest, .alarms],
      "Refuse files of secrets that others can read",
      detail: "Without it there is a warning. It is about files of -F, the default files, "
        + "--password-file and the properties that end with .file.")
  ]
}
