import TestSupport
import Testing

/// hbcat, called by the name kcat, does what kcat 1.7.1 does, on the same state, but for the known differences.
@Suite(
  .enabled(if: Places.has("kcat"), "needs kcat 1.7.1, which Debian's package kcat has"),
  .comparison)
struct ComparisonTests {
  @Test(arguments: ComparisonTrait.targets, Comparison.all)
  func `hbcat does as kcat does`(_ target: Target, _ comparison: Comparison) async throws {
    let bench = try #require(ComparisonBench.current[target])
    let number = try #require(Comparison.all.firstIndex { $0.name == comparison.name })
    let report = ComparisonTrait.report
    let (theirs, ours) = try await report.limited {
      async let theirs = bench.outcome(of: .kcat, comparison, number: number)
      async let ours = bench.outcome(of: .hbcat, comparison, number: number)
      return try await (theirs, ours)
    }
    let isElsewhere = target != .embedded && KnownDifferences.embeddedOnly.contains(comparison.name)
    let reason = isElsewhere ? nil : KnownDifferences.table[comparison.name]
    report.note(comparison.name, on: target, isEqual: ours == theirs)
    if reason == nil {
      #expect(ours.status == theirs.status, "\(comparison.words)")
      #expect(ours.stdout == theirs.stdout, "\(comparison.words)")
      #expect(ours.stderr == theirs.stderr, "\(comparison.words)")
      #expect(ours.topic == theirs.topic, "\(comparison.words)")
    } else {
      #expect(ours != theirs, "no difference any more: take it out of KnownDifferences")
    }
  }

  @Test func `every case has a name of its own, and every known difference is a case`() {
    let names = Comparison.all.map(\.name)
    #expect(names.count >= 200)
    #expect(Set(names).count == names.count)
    #expect(Set(KnownDifferences.table.keys).subtracting(names) == [])
  }
}
