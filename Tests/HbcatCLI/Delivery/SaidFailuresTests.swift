import Testing

@testable import HbcatCLI

@Suite struct SaidFailuresTests {
  @Test func `of very many failures the first ones are said, and after a quiet time again`() {
    var said = SaidFailures()
    let quietMs = SaidFailures.quietMs
    let count = (0..<500).count { said.isNews("\($0)", nowMs: 0) }
    #expect(count == SaidFailures.countMax)
    let later = [quietMs - 1, quietMs, 2 * quietMs, 2 * quietMs + 1].map {
      said.isNews("x", nowMs: $0)
    }
    #expect(later == [false, false, true, false])
  }
}
