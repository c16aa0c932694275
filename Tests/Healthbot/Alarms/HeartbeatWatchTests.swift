import Testing

@testable import Healthbot

struct HeartbeatWatchTests {
  @Test func `a source that falls silent is due once it is over time, and again when it is back`() {
    var watch = HeartbeatWatch(withinMs: 100)
    watch.add("a", heardMs: 1000)
    #expect(watch.due(atMs: 1100).isEmpty && watch.nextMs == 1101)
    let silent = HeartbeatWatch.Change(source: "a", isSilent: true, heardMs: 1000)
    #expect(watch.due(atMs: 1101) == [silent])
    // What could not be published is due again.
    #expect(watch.due(atMs: 1102) == [silent])
    watch.note("a", isRaised: true)
    #expect(watch.due(atMs: 9000).isEmpty && watch.nextMs == nil)
    watch.hear("a", atMs: 9050)
    #expect(
      watch.due(atMs: 9060) == [HeartbeatWatch.Change(source: "a", isSilent: false, heardMs: 9050)])
    watch.note("a", isRaised: false)
    #expect(watch.due(atMs: 9060).isEmpty && watch.nextMs == 9151)
  }

  @Test func `an alarm that an earlier run has raised is not raised twice`() {
    var watch = HeartbeatWatch(withinMs: 100)
    watch.add("a", heardMs: 0, isRaised: true)
    watch.add("b", heardMs: 0)
    watch.hear("c", atMs: 950)
    #expect(watch.due(atMs: 1000).map(\.source) == ["b"])
    // An older record says nothing.
    watch.hear("c", atMs: 10)
    #expect(watch.due(atMs: 1000).map(\.source) == ["b"])
  }

  @Test func `what could not be heard is excused, but not what was silent before`() {
    var watch = HeartbeatWatch(withinMs: 100)
    watch.add("a", heardMs: 0)
    watch.add("b", heardMs: 0, isRaised: true)
    watch.excuse(atMs: 1000)
    #expect(watch.due(atMs: 1100).isEmpty)
    #expect(watch.due(atMs: 1101).map(\.source) == ["a"])
  }

  @Test(arguments: [
    (0, "0s"), (999, "0s"), (45_000, "45s"), (192_000, "3m"), (3_600_000, "1h"),
    (7_500_000, "2h5m"), (90_000_000, "1d1h"), (864_000_000, "10d"), (-5, "0s"),
  ])
  func `an age has the two largest units`(milliseconds: Int64, text: String) {
    #expect(TimeSpan.text(milliseconds: milliseconds) == text)
  }
}
