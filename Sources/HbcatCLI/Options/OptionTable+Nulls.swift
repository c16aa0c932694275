extension OptionTable {
  /// What tells null from empty where kcat cannot.
  static let nulls: [OptionRow] = [
    OptionRow(
      .nullMarker, nil, ["null-marker"], "text", in: [.produce, .consume],
      "Text that stands for a null key or value, such as \\N",
      detail:
        "Producing, a key or value that is just this text is sent as null, so that with -K each "
        + "of the two may be null, empty or a text; a line without key delimiter has a null key, "
        + "and one without any byte is no message. Consuming, null is printed as this text, in "
        + "place of -Z's NULL, so that what consume -K prints is what produce -K reads.")
  ]
}
