import Testing

@testable import Healthbot

@Suite struct RuleReaderTests {
  static let curly = """
    healthbot {
      topic system.cpu {
        rule check-cpu {
          keys [ slot name ];
          synopsis "CPU";
          sensor cpu { synopsis "x"; open-config { sensor-name /c; frequency 60s; } }
          field slot { sensor cpu { path "/components/component/@name"; } type string; }
          field load {
            sensor cpu { where "name =~ /{{names}}/"; path load; zero-suppression; }
            type integer;
            description "the load";
          }
          field limit { constant { value "{{high}}"; } type integer; }
          field rest { formula { eval { expression "( 100 - $load ) / 2"; } } type float; }
          variable high { value 80; type int; description "how high"; }
          variable names { value "re.*"; type string; }
          trigger load {
            frequency 1.5offset;
            disable-alarm-deduplication;
            term high {
              when { greater-than-or-equal-to "$load" "$limit" { time-range 3offset; all; } }
              then { status { color red; message "load $load% on $name-x"; } next; }
            }
            term good { then { status { color green; message ok; } } }
          }
          rule-properties { version 1; supported-devices { juniper { operating-system junos; } } }
        }
      }
    }
    """

  static let json = """
    {"@": {"x": 1}, "topic": [{"topic-name": "system.cpu", "rule": [{
      "trigger": [{"trigger-name": "load", "frequency": "1.5offset",
        "disable-alarm-deduplication": [null],
        "term": [
          {"term-name": "high",
           "when": {"greater-than-or-equal-to": [{"all": [null], "left-operand": "$load",
             "right-operand": "$limit", "time-range": "3offset"}]},
           "then": {"next": [null], "status": {"color": "red", "message": "load $load% on $name-x"}}},
          {"term-name": "good", "then": {"status": {"color": "green", "message": "ok"}}}]}],
      "keys": ["slot", "name"], "synopsis": "CPU",
      "sensor": [{"sensor-name": "cpu", "open-config": {"sensor-name": "/c", "frequency": "60s"}}],
      "field": [
        {"field-name": "slot", "type": "string",
         "sensor": [{"sensor-name": "cpu", "path": "/components/component/@name"}]},
        {"field-name": "load", "type": "integer", "sensor": [{"sensor-name": "cpu", "path": "load",
          "where": [{"query": "name =~ /{{names}}/"}], "zero-suppression": [null]}]},
        {"field-name": "limit", "type": "integer", "constant": {"value": "{{high}}"}},
        {"field-name": "rest", "type": "float",
         "formula": {"eval": {"expression": "( 100 - $load ) / 2"}}}],
      "variable": [{"name": "high", "type": "int", "value": "80"},
        {"name": "names", "type": "string", "value": "re.*"}],
      "rule-name": "check-cpu"}]}]}
    """

  @Test(arguments: [curly, json])
  func `Junos's form and the API's are the same rule`(_ text: String) throws {
    let rule = try rule(text)
    #expect(rule.topic == "system.cpu")
    #expect(rule.name == "check-cpu")
    #expect(rule.keys == ["slot", "name"])
    #expect(rule.fields.map(\.name) == ["slot", "load", "limit", "rest", "name"])
    #expect(rule.fields.map(\.type) == [.string, .integer, .integer, .float, nil])
    #expect(rule.variables.map(\.name) == ["high", "names"])
    #expect(rule.variables.map(\.value) == ["80", "re.*"])
    guard case .sensor(let path) = rule.fields[1].source else { throw NoRule() }
    #expect(path.path == "load" && path.sensor == "cpu" && path.ifMissing == .integer(0))
    guard case .matches("re.*", negated: false) = path.filters[0].test else { throw NoRule() }
    let trigger = rule.triggers[0]
    #expect(trigger.name == "load" && trigger.frequencyMs == 90_000 && !trigger.isDeduplicated)
    #expect(trigger.terms.map(\.name) == ["high", "good"])
    #expect(trigger.terms.map(\.continues) == [true, false])
    #expect(trigger.terms.map(\.status?.severity) == [.major, .normal])
    let condition = trigger.terms[0].when[0]
    #expect(condition.timeRangeMs == 180_000 && condition.quantifier == .all)
    #expect(
      trigger.terms[0].status?.message.parts
        == [.literal("load "), .field(1), .literal("% on "), .field(4), .literal("-x")])
    #expect(rule.windowsMs == [0, 180_000, 0, 0, 0])
  }

  @Test func `the caller's values of variables come before the rule's`() throws {
    let rule = try rule(Self.curly, variables: ["high": "95"])
    guard case .constant(let text) = rule.fields[2].source else { throw NoRule() }
    #expect(text.constant == "95")
    #expect(rule.variables[0].value == "95")
  }

  @Test func `the columns of a sensor's table are fields without being declared`() throws {
    let text = { (kind: String) in
      healthbot(
        """
        sensor other { open-config { sensor-name /a; } }
        sensor s { \(kind) { table t; } }
        variable high { value 7; }
        trigger t { term a {
          when { matches-with "$peer-state" up; greater-than 8 "$high"; }
          then { status { color red; message "$peer-state of $as-$high-"; } }
        } }
        """)
    }
    let rule = try rule(text("iAgent"))
    #expect(rule.fields.map(\.name) == ["peer-state", "as"])
    guard case .sensor(let path) = rule.fields[0].source else { throw NoRule() }
    #expect(path.path == "peer-state")
    #expect(refusal(text("open-config")).contains(#"of "$peer-state": the rule has no such field"#))
  }

  @Test func `JSON without a topic has the topic external`() throws {
    #expect(try rule(#"{"rule": [{"rule-name": "a"}]}"#).topic == "external")
    #expect(try rule(#"{"keys": ["k"], "rule-name": "a"}"#).keys == ["k"])
    #expect(try rule(#"{"topic-name": "b", "rule": [{"rule-name": "a"}]}"#).topic == "b")
  }

  static let unsupported: [(String, String)] = [
    ("function f { path a.py; }", #"function "f" is not supported"#),
    ("vector v { path [ $a ]; }", #"vector "v" is not supported"#),
    ("network-rule;", "network-rule is not supported"),
    ("field f { reference { path /topic; } }", #"reference field "f" is not supported"#),
    (
      "field g { sensor s { path p; } }\nfield f { formula { dynamic-threshold { field-name \"$g\"; } } }",
      #"formula "dynamic-threshold" is not supported"#
    ),
    (
      "field f { formula { user-defined-function { function-name x; } } }",
      #"formula "user-defined-function" is not supported"#
    ),
    (
      "field f { formula { eval { expression \"1 ^ 2\"; } } }",
      #"expression "1 ^ 2" is not supported"#
    ),
    (
      "field f { sensor s { path p; where \"a == 'b' and c == 'd'\"; } }",
      #"where "a == 'b' and c == 'd'" is not supported"#
    ),
    (
      "field f { sensor s { path p; } } trigger t { term a { when { user-defined-function x; } } }",
      #""user-defined-function" "x" is not supported"#
    ),
    (
      "trigger t { term a { then { user-defined-action y { argument a b; } } } }",
      #""user-defined-action" "y" is not supported"#
    ),
    (
      "trigger t { term a { when { min-rate-of-increase \"@v\" { rate 1; } } } }",
      #""min-rate-of-increase" "@v" is not supported"#
    ),
    ("trigger t { term a { when { equal-to \"@v\" 1; } } }", "vector @v is not supported"),
  ]

  @Test(arguments: unsupported)
  func `what hbcat does not do is refused by name, with its line`(_ text: String, _ why: String) {
    let refusal = refusal(healthbot(text))
    let line = text.contains("\n") ? 3 : 2
    #expect(refusal.contains(why + "; remove it or the rule"), "\(refusal)")
    #expect(refusal.hasPrefix("test.rule:\(line):"), "\(refusal)")
    #expect(refusal.contains(#"rule "r": "#), "\(refusal)")
  }

  static let invalid: [(String, String)] = [
    ("fiel f;", #"Healthbot's rules have no "fiel""#),
    ("field f { sensor s; }", #"sensor "s" of a field has no path"#),
    ("field f { type integer; }", "has no sensor, constant or formula"),
    ("field f { type colour; }", "use string, integer, unsigned-integer, float"),
    ("field f { constant { value 1; } } field f { constant { value 1; } }", "is there twice"),
    ("variable v { value 1; } variable v { value 1; }", "is there twice"),
    ("field f { constant { value \"{{v}}\"; } }", "there is no variable {{v}}"),
    (
      "variable v { type int; } field f { constant { value \"{{v}}\"; } }",
      "has no value; give it one"
    ),
    ("field f { formula { eval { expression \"$f + 1\"; } } }", "is computed from itself"),
    (
      "trigger t { term a { when { equal-to \"$x\" 1; } } }",
      #"of "$x": the rule has no such field"#
    ),
    ("trigger t { term a { when { equal-to 1; } } }", "needs a left and a right operand"),
    ("trigger t { term a { then { status { color blue; } } } }", "use red, yellow or green"),
    ("trigger t { frequency often; }", #"frequency "often" is no span of time"#),
    ("trigger t; trigger t;", "is there twice"),
    ("trigger t { when; }", #"a trigger has no "when""#),
    (
      "field f { constant { value 1; } } trigger t { term a { when { increasing-at-least-by-rate \"$f\" { value 1; per eon; } } } }",
      "needs per second, minute"
    ),
  ]

  @Test(arguments: invalid)
  func `what Healthbot would not take is refused`(_ text: String, _ why: String) {
    let refusal = refusal(healthbot(text))
    #expect(refusal.contains(why), "\(refusal)")
  }

  @Test func `one refused rule leaves the others of the file`() throws {
    let set = try ruleSet(
      "healthbot { topic t { rule a { network-rule; } rule b { synopsis x; } rule b; } }")
    #expect(set.rules.map(\.name) == ["b"])
    #expect(set.refused.map(\.rule) == ["a", "b"])
    #expect("\(set.refused[1])".contains(#"topic "t" has this rule already"#))
  }

  @Test func `a file without rules, broken JSON and names that are there twice are refused`() {
    #expect(refusal("healthbot { playbook p; }").contains("there is no rule in the file"))
    #expect(refusal("").contains("there is no rule in the file"))
    #expect(refusal(#"{"rule": [{"rule-name": "a""#).contains("test.rule:1:28: the text ends"))
    #expect(
      refusal("{\"rule\": [{\"rule-name\": \"a\",\n  \"rule-name\": \"b\"}]}")
        == #"test.rule:2:3: the name "rule-name" is there twice"#)
    #expect(refusal("{\"rule\": [[1]]}").contains("a list of \"rule\" cannot hold an array"))
    let deep = String(repeating: #"{"a":"#, count: 100)
    #expect(refusal(deep).contains("more than 64"))
  }

  @Test func `expressions are arithmetic with Go's precedence`() throws {
    func value(_ text: String) -> RuleValue? {
      RuleExpression(text) { ["a": 0, "b": 1, "a-b": 2, "s": 3][$0] }?
        .value { [.integer(6), .float(4), .integer(50), .string("x")][$0] }
    }
    #expect(value("$a + $b * 2 - -1") == .float(15))
    #expect(value("( $a + $b ) / 4 % 2") == .float(0.5))
    #expect(value("$a-b - 1") == .float(49))
    #expect(value("$a-$b") == .float(2))
    #expect(value("$a / 0") == nil)
    #expect(value("$s + 1") == nil)
    for broken in ["", "1 +", "(1", "1)", "$c", "$$a", "a", "1 2", "1 == 1", "..", "max($a)"] {
      #expect(value(broken) == nil, "\(broken)")
    }
    #expect(value(String(repeating: "(", count: 100_000)) == nil)
    #expect(value(String(repeating: "-", count: 100_000) + "1") == nil)
    #expect(value(String(repeating: "1+", count: 100_000) + "1") == nil)
  }

  @Test func `spans of time are Healthbot's, with a limit`() {
    func ms(_ text: String) -> Int64? { RuleDuration(text)?.milliseconds(offsetMs: 60_000) }
    #expect(ms("60s") == 60_000)
    #expect(ms("1.5offset") == 90_000)
    #expect(ms("2o") == 120_000)
    #expect(ms("3d") == 259_200_000)
    #expect(ms("1w") == 604_800_000)
    #expect(ms("999999999999999999999y") == 315_360_000_000)
    for broken in ["", "s", "0s", "-1s", "5", "5 s", "1.2.3s", "5x", "infs"] {
      #expect(ms(broken) == nil, "\(broken)")
    }
  }
}
