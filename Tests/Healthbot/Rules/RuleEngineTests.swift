import Healthbot
import Testing

@Suite struct RuleEngineTests {
  static let link = healthbot(
    """
    keys name;
    sensor s { open-config { sensor-name /i; frequency 10s; } }
    field name { sensor s { path "/interfaces/interface/@name"; where "name =~ /{{names}}/"; } }
    field up { sensor s { path oper; } type string; }
    variable names { value ".*"; type string; }
    trigger link {
      term down { when { matches-with "$up" DOWN; } then { status { color red; message "$name down"; } } }
      term test { when { matches-with "$up" TEST; } then { status { color yellow; message "$name test"; } } }
      term up { then { status { color green; message "$name up"; } } }
    }
    """)

  static func record(_ name: String, _ state: String) -> String {
    #"{"name": "\#(name)", "/interfaces/interface/@name": "\#(name)", "oper": "\#(state)"}"#
  }

  @Test func `red, yellow and green are major, minor and normal, and only changes are raised`()
    throws
  {
    var asked = try Asked(Self.link)
    let raised = try ["UP", "DOWN", "DOWN", "TEST", "UP", "UP", "DOWN"].map {
      try asked.received(Self.record("xe-0", $0)).joined()
    }
    #expect(
      raised == [
        "", #"mx1 name="xe-0" link major xe-0 down"#, "",
        #"mx1 name="xe-0" link minor xe-0 test"#, #"mx1 name="xe-0" link normal xe-0 up"#, "",
        #"mx1 name="xe-0" link major xe-0 down"#,
      ])
  }

  @Test func `the alarm has Healthbot's eight fields`() throws {
    var asked = try Asked(Self.link)
    let alarm = try #require(try asked.alarms(Self.record("xe-0", "DOWN")).first)
    #expect(
      String(decoding: AlarmLine.bytes(of: alarm), as: UTF8.self)
        == #"{"device-id": "mx1", "group": "core", "keys": {"name": "xe-0"}, "#
        + #""message": "xe-0 down", "rule": "r", "severity": "major", "topic": "t", "#
        + #""trigger": "link"}"#)
  }

  @Test func `devices and keys are instances of their own`() throws {
    var asked = try Asked(Self.link)
    #expect(try asked.received(Self.record("xe-0", "DOWN")).count == 1)
    #expect(try asked.received(Self.record("xe-1", "DOWN")).count == 1)
    #expect(try asked.received(Self.record("xe-0", "DOWN"), device: "mx2").count == 1)
    #expect(try asked.received(Self.record("xe-0", "DOWN")).isEmpty)
    #expect(try asked.received(Self.record("xe-1", "UP")).count == 1)
  }

  @Test func `the first normal is raised only where that is wanted`() throws {
    var asked = try Asked(Self.link)
    #expect(try asked.received(Self.record("xe-0", "UP")).isEmpty)
    asked.engine.reportsInitialNormal = true
    #expect(
      try asked.received(Self.record("xe-1", "UP")) == [#"mx1 name="xe-1" link normal xe-1 up"#])
    #expect(try asked.received(Self.record("xe-1", "UP")).isEmpty)
  }

  @Test func `a change of the message is raised, without deduplication every evaluation`() throws {
    let term =
      #"term a { when { greater-than "$f" 1; } then { status { color red; message "f $f"; } } }"#
    var asked = try Asked(terms(term))
    #expect(try asked.received(#"{"f": 2}"#) == ["mx1 tr major f 2"])
    #expect(try asked.received(#"{"f": 2}"#).isEmpty)
    #expect(try asked.received(#"{"f": 3}"#) == ["mx1 tr major f 3"])
    // No term matches: the trigger keeps what it said.
    #expect(try asked.received(#"{"f": 0}"#).isEmpty)
    #expect(try asked.received(#"{"f": 3}"#).isEmpty)
    var always = try Asked(terms(term, trigger: "disable-alarm-deduplication;"))
    #expect(try always.received(#"{"f": 2}"#).count == 1)
    #expect(try always.received(#"{"f": 2}"#).count == 1)
  }

  @Test func `the first term that matches decides, next goes on and the worst counts`() throws {
    func term(_ name: String, _ when: String, _ color: String, _ next: String = "") -> String {
      "term \(name) { \(when) then { status { color \(color); message \(name); } \(next) } }"
    }
    let f = #"when { equal-to "$f" 1; }"#
    let g = #"when { equal-to "$g" 1; }"#
    var first = try Asked(terms(term("a", f, "yellow") + term("b", g, "red")))
    #expect(try first.received(#"{"f": 1, "g": 1}"#) == ["mx1 tr minor a"])
    let all = term("a", f, "red", "next;") + term("b", g, "red", "next;")
    var next = try Asked(terms(all + term("c", f, "yellow", "next;") + term("d", "", "green")))
    #expect(try next.received(#"{"f": 1, "g": 1}"#) == ["mx1 tr major a; b"])
    #expect(try next.received(#"{"f": 0, "g": 1}"#) == ["mx1 tr major b"])
    #expect(try next.received(#"{"f": 0, "g": 0}"#) == ["mx1 tr normal d"])
  }

  @Test func `where clauses leave out what they do not hold for`() throws {
    var asked = try Asked([rule(Self.link, variables: ["names": "^xe-"])])
    #expect(try asked.received(Self.record("ge-0", "DOWN")).isEmpty)
    #expect(try asked.received(Self.record("xe-0", "DOWN")).count == 1)
    for (clause, value, passes) in [
      ("a == 'b'", #""b""#, true), ("a != 'b'", #""b""#, false), ("a > 5", "6", true),
      ("a <= 5", "6", false), ("a !~ /b/", #""abc""#, false), ("a != /b/", #""xyz""#, true),
      ("a == 'b'", "null", false),
    ] {
      let found = try holds(
        #"exists "$w";"#, fields: #"field w { sensor s { path w; where "\#(clause)"; } }"#,
        #"{"f": 1, "w": 1, "a": \#(value)}"#)
      #expect(found == passes, "\(clause)")
    }
  }

  @Test
  func `zero-suppression and data-if-missing stand in where the sensor's record lacks a field`()
    throws
  {
    let fields = """
      field z { sensor s { path z; zero-suppression; data-if-missing { value 7; } } }
      field d { sensor s { path d; data-if-missing { value none; } } }
      field o { sensor other { path o; zero-suppression; } }
      """
    #expect(try holds(#"equal-to "$z" 0; equal-to "$d" none;"#, fields: fields, #"{"f": 1}"#))
    #expect(try !holds(#"exists "$o";"#, fields: fields, #"{"f": 1}"#))
  }

  @Test func `keys may be computed`() throws {
    var asked = try Asked(
      healthbot(
        """
        keys fpc;
        field slot { sensor s { path slot; } }
        field load { sensor s { path load; } }
        field fpc { formula { concatenate { strings [ FPC "$slot" ]; } } }
        trigger t { term a { then { status { color red; message "$load"; } } } }
        """))
    #expect(
      try asked.received(#"{"slot": 3, "load": 1}"#) == [#"mx1 fpc="FPC3" t major 1"#])
    #expect(try asked.received(#"{"slot": 4, "load": 1}"#).count == 1)
  }

  @Test func `records that are consumed again, or late, raise nothing`() throws {
    var asked = try Asked(Self.link)
    func record(_ state: String, _ second: Int) -> String {
      #"{"@name": 0, "path": "/interfaces/interface[name='xe-0']", "name": "xe-0", "#
        + #""timestamp": \#(1_700_000_000 + second), "oper": "\#(state)"}"#
    }
    let now: Int64 = 1_700_000_100_000
    #expect(try asked.received(record("DOWN", 1), at: now).count == 1)
    #expect(try asked.received(record("UP", 2), at: now).count == 1)
    #expect(try asked.received(record("DOWN", 1), at: now).isEmpty)
    #expect(try asked.received(record("UP", 2), at: now).isEmpty)
    #expect(asked.engine.lateCount == 1)
  }

  @Test func `sensors of one rule have clocks of their own`() throws {
    var asked = try Asked(when(#"equal-to "$f" 1; equal-to "$g" 1;"#))
    #expect(try asked.received(#"{"f": 1, "time": 1700000010}"#, at: 1_700_000_020_000).isEmpty)
    #expect(
      try asked.received(#"{"g": 1, "time": 1700000009}"#, at: 1_700_000_020_000).count == 1)
    #expect(asked.engine.lateCount == 0)
  }

  @Test func `the last record come again does not end an increase`() throws {
    var asked = try Asked(when(#"increasing-at-least-by-value "$f" { value 5; }"#))
    _ = try asked.received(#"{"f": 1, "time": 1700000010}"#, at: 1_700_000_020_000)
    for _ in 0..<3 {
      let raised = try asked.received(#"{"f": 9, "time": 1700000011}"#, at: 1_700_000_020_000)
      #expect(raised.allSatisfy { $0.contains("major") })
    }
    #expect(try asked.received(#"{"f": 9, "time": 1700000012}"#, at: 1_700_000_020_000).count == 1)
  }

  @Test func `a time far ahead does not make all that follows late`() throws {
    var asked = try Asked(Self.link)
    let now: Int64 = 1_700_000_000_000
    let ahead = #", "timestamp": 9999999999999}"#
    #expect(try asked.received(Self.record("xe-0", "DOWN").dropLast() + ahead, at: now).count == 1)
    #expect(try asked.received(Self.record("xe-0", "UP"), at: now + 1).count == 1)
  }

  @Test func `a broken expression is refused by the rule's name before anything is judged`() throws
  {
    let broken = try rule(when(#"matches-with "$f" "(a";"#))
    #expect(throws: RuleFault.self) { try RuleEngine([broken], group: "g", search: search) }
    do { _ = try RuleEngine([broken], group: "g", search: search) } catch {
      #expect(
        "\(error)" == #"rule "t" "r", trigger "tr": no regular expression: (a"#)
    }
  }

  @Test func `an expression that a record breaks is a fault, and the status stays`() throws {
    var asked = try Asked(when(#"matches-with "$f" "$g";"#))
    #expect(try asked.received(#"{"f": "a", "g": "a"}"#).count == 1)
    #expect(try asked.received(#"{"f": "a", "g": "(a"}"#).isEmpty)
    #expect(try asked.received(#"{"f": "a", "g": "(a"}"#).isEmpty)
    #expect(asked.engine.takeFaults().map(\.trigger) == ["tr"])
    #expect(asked.engine.takeFaults().isEmpty)
    #expect(try asked.received(#"{"f": "a", "g": "a"}"#).isEmpty)
  }

  @Test func `a list of records is judged one by one, in order`() throws {
    var asked = try Asked(Self.link)
    let list =
      "[\(Self.record("a", "DOWN")), \(Self.record("b", "DOWN")), \(Self.record("a", "UP"))]"
    #expect(
      try asked.received(list).map { $0.split(separator: " ")[3] } == ["major", "major", "normal"])
  }

  @Test func `windows are bounded however many values come`() throws {
    var asked = try Asked(when(#"greater-than "$f" 10 { time-range 300d; all; }"#))
    for index in 0..<5000 { _ = try asked.received(#"{"f": 1}"#, at: Int64(index)) }
    var lines: [[UInt8]] = []
    asked.engine.exportState { lines.append($0) }
    #expect(lines.count == 1 && lines[0].count < 1024 * 12 + 400)
  }
}
