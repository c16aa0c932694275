extension OptionTable {
  /// What list has and kcat's `-L` has not.
  static let listing: [OptionRow] = [
    OptionRow(
      .offsets, nil, ["offsets"], in: [.list], "Show where each partition begins and ends",
      detail: "LOW..HIGH: the offset of the first record, and that behind the last one which all "
        + "in-sync replicas hold. The exit code is 1 where a partition does not tell, for one "
        + "because it has no leader."),
    OptionRow(
      .configs, nil, ["configs"], in: [.list],
      "Show the configuration that was set for each topic",
      detail: "That is what differs from the brokers' own; a value that is secret is [redacted]."),
    OptionRow(
      .allConfigs, nil, ["all-configs"], in: [.list],
      "Show the whole configuration of each topic",
      detail:
        "(broker) stands behind what the brokers are set to, (default) behind what nobody has "
        + "set."),
  ]
}
