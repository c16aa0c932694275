import Healthbot
import Testing

@Suite struct RuleConditionTests {
  static let comparisons: [(String, String, Bool)] = [
    ("equal-to", "5", true), ("equal-to", "5.0", true), ("equal-to", "6", false),
    ("not-equal-to", "6", true), ("not-equal-to", "5", false),
    ("less-than", "6", true), ("less-than", "5", false),
    ("less-than-or-equal-to", "5", true), ("less-than-or-equal-to", "4", false),
    ("greater-than", "4", true), ("greater-than", "5", false),
    ("greater-than-or-equal-to", "5", true), ("greater-than-or-equal-to", "5.1", false),
    ("less-than", "x", false), ("greater-than", "x", false), ("equal-to", "x", false),
  ]

  @Test(arguments: comparisons)
  func `a field is compared with a constant`(_ name: String, _ right: String, _ expected: Bool)
    throws
  {
    #expect(try holds(#"\#(name) "$f" \#(right);"#, #"{"f": 5}"#) == expected)
    #expect(try holds(#"\#(name) "$f" \#(right);"#, #"{"f": "5"}"#) == expected)
    #expect(try holds(#"\#(name) "$f" "$g";"#, #"{"f": 5, "g": "\#(right)"}"#) == expected)
  }

  @Test func `texts are equal or not, and have no order`() throws {
    #expect(try holds(#"equal-to "$f" up;"#, #"{"f": "up"}"#))
    #expect(try holds(#"not-equal-to "$f" up;"#, #"{"f": "down"}"#))
    #expect(try holds(#"equal-to "$f" true;"#, #"{"f": true}"#))
    #expect(try !holds(#"greater-than "$f" a;"#, #"{"f": "b"}"#))
    #expect(try !holds(#"equal-to "$f" inf;"#, #"{"f": "nan"}"#))
  }

  @Test func `64-bit counters are compared exactly`() throws {
    #expect(try !holds(#"equal-to "$f" 9007199254740992;"#, #"{"f": 9007199254740993}"#))
    #expect(try holds(#"greater-than "$f" 9007199254740992;"#, #"{"f": 9007199254740993}"#))
    #expect(try holds(#"greater-than "$f" 9223372036854775807;"#, #"{"f": 18446744073709551615}"#))
  }

  @Test func `a condition on a field that never came does not hold`() throws {
    for condition in [
      #"not-equal-to "$g" 1;"#, #"does-not-match-with "$g" a;"#, #"exists "$g";"#,
      #"less-than "$g" 1;"#, #"equal-to "$f" "$g";"#,
      #"not-equal-to "$g" 1 { time-range 60s; all; }"#,
      #"increasing-at-most-by-value "$g" { value 5; time-range 60s; all; }"#,
    ] {
      #expect(try !holds(condition, #"{"f": 5}"#, #"{"f": 5}"#), "\(condition)")
    }
  }

  @Test func `regular expressions are searched, with ignore-case and negated`() throws {
    #expect(try holds(#"matches-with "$f" "slow p";"#, #"{"f": "the slow peers"}"#))
    #expect(try !holds(#"matches-with "$f" ^slow;"#, #"{"f": "the slow peers"}"#))
    #expect(try holds(#"matches-with "$f" "^UP$" { ignore-case; }"#, #"{"f": "up"}"#))
    #expect(try !holds(#"matches-with "$f" "^UP$";"#, #"{"f": "up"}"#))
    #expect(try holds(#"does-not-match-with "$f" "a+";"#, #"{"f": "bb"}"#))
    #expect(try !holds(#"does-not-match-with "$f" "a+";"#, #"{"f": "ba"}"#))
    #expect(try holds(#"matches-with "$f" "^$g-[0-9]$";"#, #"{"f": "xe-1", "g": "xe"}"#))
    #expect(
      try holds(
        #"matches-with "$f" up { time-range 15s; any; }"#, #"{"f": "up"}"#, #"{"f": "down"}"#))
    #expect(
      try !holds(
        #"matches-with "$f" up { time-range 15s; all; }"#, #"{"f": "up"}"#, #"{"f": "down"}"#))
  }

  @Test func `exists asks the record, or the time range`() throws {
    #expect(try holds(#"exists "$f";"#, #"{"f": 0}"#))
    #expect(try !holds(#"exists "$f";"#, #"{"f": 0}"#, #"{"g": 0}"#))
    #expect(try holds(#"exists "$f" { time-range 15s; }"#, #"{"f": 0}"#, #"{"g": 0}"#))
    #expect(
      try !holds(#"exists "$f" { time-range 15s; }"#, #"{"f": 0}"#, #"{"g": 0}"#, #"{"g": 0}"#))
  }

  @Test func `range holds between its bounds`() throws {
    #expect(try holds(#"range "$f" { min 1; max 5; }"#, #"{"f": 5}"#))
    #expect(try !holds(#"range "$f" { min 1; max 5; }"#, #"{"f": 5.5}"#))
    #expect(try !holds(#"range "$f" { min 1; }"#, #"{"f": "x"}"#))
  }

  @Test func `a time range asks all values, any value or the last one`() throws {
    let condition = { (flag: String) in #"greater-than "$f" 10 { time-range 25s; \#(flag) }"# }
    func records(_ values: Int...) -> [String] { values.map { #"{"f": \#($0)}"# } }
    func red(_ flag: String, _ values: [String]) throws -> Bool {
      var asked = try Asked(when(condition(flag)))
      return try asked.isRed(values)
    }
    #expect(try red("all;", records(11, 12, 13)))
    #expect(try !red("all;", records(11, 9, 13)))
    #expect(try red("all;", records(9, 11, 12, 13)))
    #expect(try red("any;", records(11, 9, 9)))
    #expect(try !red("any;", records(11, 9, 9, 9)))
    #expect(try red("", records(9, 9, 11)))
    #expect(try !red("", records(11, 11, 9)))
  }

  @Test func `a last value that is older than the time range does not count`() throws {
    let condition = #"greater-than "$f" 10 { time-range 15s; }"#
    #expect(try holds(condition, #"{"f": 11}"#, #"{"g": 1}"#))
    #expect(try !holds(condition, #"{"f": 11}"#, #"{"g": 1}"#, #"{"g": 1}"#))
    #expect(try holds(#"greater-than "$f" 10;"#, #"{"f": 11}"#, #"{"g": 1}"#, #"{"g": 1}"#))
  }

  @Test func `increases are asked of the last two values, or of each pair in the time range`()
    throws
  {
    func value(_ more: String) -> String {
      #"increasing-at-least-by-value "$f" { value 5; \#(more) }"#
    }
    #expect(try !holds(value(""), #"{"f": 100}"#))
    #expect(try holds(value(""), #"{"f": 100}"#, #"{"f": 105}"#))
    #expect(try !holds(value(""), #"{"f": 100}"#, #"{"f": 104}"#))
    #expect(try !holds(value(""), #"{"f": 100}"#, #"{"f": 0}"#))
    #expect(
      try holds(#"increasing-at-least-by-value "$f";"#, #"{"f": 100}"#, #"{"f": 101}"#))
    #expect(
      try !holds(#"increasing-at-least-by-value "$f";"#, #"{"f": 100}"#, #"{"f": 100}"#))
    #expect(try holds(value("time-range 60s; any;"), #"{"f": 1}"#, #"{"f": 6}"#, #"{"f": 6}"#))
    #expect(try !holds(value("time-range 60s; all;"), #"{"f": 1}"#, #"{"f": 6}"#, #"{"f": 6}"#))
    #expect(try holds(value("time-range 60s; all;"), #"{"f": 1}"#, #"{"f": 6}"#, #"{"f": 11}"#))
    #expect(try !holds(value("time-range 5s;"), #"{"f": 1}"#, #"{"f": 6}"#))
    let most = #"increasing-at-most-by-value "$f" { value "$g"; }"#
    #expect(try holds(most, #"{"f": 1, "g": 2}"#, #"{"f": 3, "g": 2}"#))
    #expect(try !holds(most, #"{"f": 1, "g": 2}"#, #"{"f": 4, "g": 2}"#))
  }

  @Test func `rates are increases per unit of time, or per cent`() throws {
    func rate(_ limit: String) -> String { #"increasing-at-least-by-rate "$f" { \#(limit) }"# }
    #expect(try holds(rate("value 1; per second;"), #"{"f": 0}"#, #"{"f": 10}"#))
    #expect(try !holds(rate("value 1; per second;"), #"{"f": 0}"#, #"{"f": 9}"#))
    #expect(try holds(rate("value 60; per minute;"), #"{"f": 0}"#, #"{"f": 10}"#))
    #expect(try holds(rate("percentage 300; per minute;"), #"{"f": 10}"#, #"{"f": 15}"#))
    #expect(try !holds(rate("percentage 301; per minute;"), #"{"f": 10}"#, #"{"f": 15}"#))
  }

  @Test func `all conditions of a term must hold`() throws {
    let both = #"equal-to "$f" 1; equal-to "$g" 2;"#
    #expect(try holds(both, #"{"f": 1, "g": 2}"#))
    #expect(try !holds(both, #"{"f": 1, "g": 3}"#))
  }

  @Test func `formulas are computed from the record and the values before`() throws {
    func value(_ formula: String, _ records: String...) throws -> String? {
      var asked = try Asked(
        terms(
          #"term a { then { status { color red; message "$x"; } } }"#,
          fields: "field x { formula { \(formula) } }"))
      var last: String?
      for (index, record) in records.enumerated() {
        last = try asked.alarms(record, at: Int64(index) * 10_000).last?.message ?? last
      }
      return last
    }
    let f = #"field-name "$f";"#
    #expect(try value("rate-of-change { \(f) }", #"{"f": 0}"#, #"{"f": 25}"#) == "2.5")
    #expect(
      try value("rate-of-change { \(f) multiplication-factor 8; }", #"{"f": 0}"#, #"{"f": 25}"#)
        == "20")
    #expect(try value("rate-of-change { \(f) hold-time 5s; }", #"{"f": 0}"#, #"{"f": 25}"#) == "")
    #expect(try value("value-difference { \(f) }", #"{"f": 7}"#, #"{"f": 5}"#) == "-2")
    #expect(try value("elapsed-time { \(f) }", #"{"f": 7}"#, #"{"f": 5}"#) == "10")
    let range = "time-range 15s;"
    #expect(try value("mean { \(f) \(range) }", #"{"f": 9}"#, #"{"f": 1}"#, #"{"f": 2}"#) == "1.5")
    #expect(try value("sum { \(f) \(range) }", #"{"f": 9}"#, #"{"f": 1}"#, #"{"f": 2}"#) == "3")
    #expect(try value("max { \(f) \(range) }", #"{"f": 9}"#, #"{"f": 1}"#, #"{"f": 2}"#) == "2")
    #expect(try value("min { \(f) \(range) }", #"{"f": 9}"#, #"{"f": 1}"#, #"{"f": 2}"#) == "1")
    #expect(try value("count { \(f) \(range) }", #"{"f": 9}"#, #"{"f": 1}"#, #"{"f": 2}"#) == "2")
    #expect(try value(#"concatenate { strings [ FPC "$f" ]; }"#, #"{"f": 3}"#) == "FPC3")
    #expect(
      try value(#"eval { expression "$f / $g * 100"; }"#, #"{"f": 1, "g": 4}"#) == "25")
    #expect(try value(#"eval { expression "$f / $g"; }"#, #"{"f": 1, "g": 0}"#) == "")
  }

  @Test func `fields have types, and values that do not fit are none`() throws {
    func value(_ type: String, _ json: String) throws -> String? {
      var asked = try Asked(
        terms(
          #"term a { when { exists "$x"; } then { status { color red; message "$x"; } } }"#,
          fields: "field x { sensor s { path x; } type \(type); }"))
      return try asked.alarms(#"{"f": 1, "x": \#(json)}"#).last?.message
    }
    #expect(try value("integer", "5.9") == "5")
    #expect(try value("integer", #""42""#) == "42")
    #expect(try value("integer", #""4x""#) == nil)
    #expect(try value("integer", "true") == nil)
    #expect(try value("unsigned-integer", "-1") == nil)
    #expect(try value("unsigned-integer", "18446744073709551615") == "1.8446744073709552e+19")
    #expect(try value("float", "5") == "5")
    #expect(try value("float", "1e999") == nil)
    #expect(try value("float", "-9223372036854775808e0") == "-9.223372036854776e+18")
    #expect(try value("integer", "-9223372036854775808") == "-9223372036854775808")
    #expect(try value("string", "5") == "5")
    #expect(try value("string", "null") == nil)
  }
}
