/// Text from outside as an error text shows it: in quotes, cut at `limit` characters, harmless.
///
/// Control and format characters (which turn or hide text on a terminal) become `\u{…}`.
func shown(_ text: String, limit: Int) -> String {
  var result = "\""
  var count = 0
  for scalar in text.unicodeScalars {
    if count == limit {
      result += "…"
      break
    }
    count += 1
    result += shown(scalar)
  }
  return result + "\""
}

/// One character as an error text shows it.
func shown(_ scalar: Unicode.Scalar) -> String {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
    .unassigned:
    "\\u{\(String(scalar.value, radix: 16))}"
  default: String(Character(scalar))
  }
}
