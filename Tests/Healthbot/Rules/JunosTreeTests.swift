import Testing

@testable import Healthbot

private func tree(_ text: String) throws -> [JunosStatement] {
  try Array(text.utf8).withUnsafeBytes { try JunosTree($0, file: "a.rule").statements }
}

private func failure(_ text: String) -> String {
  do { return "accepted: \(try tree(text))" } catch { return "\(error)" }
}

@Suite struct JunosTreeTests {
  @Test func `words, lists, strings, blocks and comments are read`() throws {
    let statements = try tree(
      """
      /* over
         two lines */
      rule a { # to the end { of the line
        keys [ x "y z" ];
        message "say \\"$f\\" \\d\\\\ \\n";   ## more
        all;
      }
      last "";
      """)
    #expect(statements.map(\.words) == [["rule", "a"], ["last", ""]])
    #expect(
      statements[0].children.map(\.words)
        == [["keys", "x", "y z"], ["message", "say \"$f\" \\d\\ \n"], ["all"]])
    #expect(statements[0].children[1].place == RulePlace(line: 5, column: 3))
  }

  @Test func `the last statement of a block may lack its semicolon, as in Juniper's own rules`()
    throws
  {
    #expect(try tree("when { exists \"$f\" }")[0].children[0].words == ["exists", "$f"])
  }

  @Test func `inactive statements are left out, replace and protect say nothing`() throws {
    let statements = try tree(
      "inactive: a { b; } replace: c { inactive: d; protect: e; } f;")
    #expect(statements.map(\.name) == ["c", "f"])
    #expect(statements[0].children.map(\.words) == [["e"]])
  }

  @Test func `what is no configuration is refused with its place`() {
    #expect(failure("a {\n  b;\n") == "a.rule:1:3: the block that '{' opens here is not closed")
    #expect(failure("a; }") == "a.rule:1:4: '}' closes no block")
    #expect(failure("a [ b ;") == "a.rule:1:7: a list holds words only and ends with ']'")
    #expect(failure("a [ b") == "a.rule:1:3: the list that '[' opens here is not closed")
    #expect(failure("a ];") == "a.rule:1:3: ']' closes no list")
    #expect(failure("[ b ];") == "a.rule:1:1: a list must have a name before it")
    #expect(failure("{ b; }") == "a.rule:1:1: '{' must have a name before it")
    #expect(failure("ä\nü \"b") == "a.rule:2:3: the closing '\"' of a string is missing")
    #expect(failure("a; /* b") == "a.rule:1:4: the closing '*/' of a comment is missing")
    #expect(failure("a;\nb c") == "a.rule:2:1: the statement lacks its ';' or its block")
  }

  @Test func `depth and size are bounded`() throws {
    let deep = { (depth: Int) in
      String(repeating: "a {", count: depth) + String(repeating: "}", count: depth)
    }
    #expect(try tree(deep(64)).count == 1)
    #expect(failure(deep(65)).contains("more than 64 braces in one another"))
    #expect(failure(deep(100_000)).contains("more than 64 braces"))
    #expect(failure(String(repeating: "a;", count: 600_000)).contains("1200000 bytes are too many"))
  }

  @Test func `any prefix and any broken byte of a rule is read or refused`() throws {
    let bytes = Array(when("matches-with \"$f\" \"a.*\" { ignore-case; }").utf8)
    for count in 0..<bytes.count {
      _ = failure(String(decoding: bytes[..<count], as: UTF8.self))
      for byte in [UInt8(0), 0x22, 0x5B, 0x7B, 0x7D, 0xFF] {
        var broken = bytes
        broken[count] = byte
        _ = broken.withUnsafeBytes { raw in
          Result {
            var set = RuleSet()
            try set.add(raw, file: "a")
          }
        }
      }
    }
    #expect(try tree(String(decoding: bytes, as: UTF8.self)).count == 1)
  }
}
