import Healthbot

/// The rules of files that can run, and why others cannot.
struct IngestRules {
  /// A rule, or a whole file, that is not used.
  struct Refusal: Equatable {
    var file: String
    var line: Int
    var column: Int
    /// The rule; nil where the file is meant.
    var rule: String?
    /// The reason as a sentence.
    var reason: String

    init(_ error: RuleError) {
      file = error.file
      line = error.line
      column = error.column
      rule = error.rule
      reason = error.message
    }

    init(_ fault: RuleFault, file: String) {
      self.file = file
      line = 1
      column = 1
      rule = fault.rule
      reason = fault.description
    }

    var description: String { "\(file):\(line):\(column): \(reason)" }
  }

  /// The rules that run, in the order of the files.
  private(set) var rules: [Rule] = []
  /// The others, in that order.
  private(set) var refused: [Refusal] = []

  /// Reads the files.
  ///
  /// - Throws: `UsageError` where a file cannot be read at all.
  init(_ plan: IngestPlan, _ surroundings: Surroundings, _ search: @escaping RulePatternSearch)
    throws(UsageError)
  {
    var set = RuleSet()
    for file in plan.rules {
      let bytes: [UInt8]
      switch surroundings.readFile(file) {
      case .success(let found): bytes = found
      case .failure(let error):
        throw .circumstance("Failed to open \(file): \(error.description)")
      }
      let rulesBefore = set.rules.count
      let refusedBefore = set.refused.count
      let problem: RuleError? = bytes.withUnsafeBytes { text in
        do throws(RuleError) {
          try set.add(text, file: file.description, variables: plan.variables)
          return nil
        } catch { return error }
      }
      if let problem { refused.append(Refusal(problem)) }
      refused += set.refused.dropFirst(refusedBefore).map { Refusal($0) }
      for rule in set.rules.dropFirst(rulesBefore) {
        // An engine of its own tries the rule's regular expressions, so that one does not stop all.
        do throws(RuleFault) {
          _ = try RuleEngine([rule], group: "", search: search)
          rules.append(rule)
        } catch {
          refused.append(Refusal(error, file: file.description))
        }
      }
    }
  }

  /// `2 rules run, 1 is refused`.
  var summary: String {
    "\(rules.count) rule\(rules.count == 1 ? " runs" : "s run"), "
      + "\(refused.count) \(refused.count == 1 ? "is" : "are") refused"
  }
}
