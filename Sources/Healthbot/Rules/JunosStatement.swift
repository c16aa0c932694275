/// One statement of a Junos configuration: words, then `;` or a block of statements in braces.
struct JunosStatement: Hashable, Sendable {
  /// The words; a list in brackets adds its words, so `keys [ a b ];` has three.
  var words: [String]
  /// What stands in the statement's braces.
  var children: [JunosStatement] = []
  /// True for `inactive:`, which Junos reads and does not apply.
  var isInactive = false
  /// Where the statement begins.
  var place: RulePlace

  /// The first word, which says what the statement is.
  var name: String { words.first ?? "" }

  /// The words behind the first.
  var arguments: ArraySlice<String> { words.dropFirst() }

  /// The children of a name.
  func all(_ name: String) -> [JunosStatement] { children.filter { $0.name == name } }

  /// The last child of a name, which in Junos is the one that holds.
  func child(_ name: String) -> JunosStatement? { children.last { $0.name == name } }

  /// The first argument of the child of a name.
  func value(_ name: String) -> String? { child(name)?.arguments.first }
}
