import Healthbot
import Testing

@testable import HbcatCLI

struct OptionTableTests {
  @Test func `an option has one arity in all subcommands`() {
    var arity: [String: Bool] = [:]
    for row in OptionTable.rows {
      for name in row.long + (row.short.map { [String($0)] } ?? []) {
        let takesValue = row.argument != nil
        #expect(arity[name] ?? takesValue == takesValue, "\(name)")
        arity[name] = takesValue
      }
    }
    #expect(arity.count > 60)
  }

  @Test func `no two options of a subcommand share a name`() {
    for command in Command.allCases {
      var seen: Set<String> = []
      for row in OptionTable.rows(of: command) {
        for name in row.long + (row.short.map { [String($0)] } ?? []) {
          #expect(seen.insert(name).inserted, "\(command) \(name)")
        }
      }
    }
  }

  @Test func `what takes a password can refuse files of secrets that others can read`() {
    for command in Command.allCases where OptionTable.long("password-file", in: command) != nil {
      #expect(OptionTable.long("strict-secrets", in: command) != nil, "\(command)")
    }
  }

  @Test func `the letters and their values are kcat's option string`() {
    let kcat = "PCG:LQM:t:p:b:z:o:eED:K:k:H:Od:qvF:X:c:Tuf:ZlVhs:r:Jm:U"
    var ours: Set<String> = []
    for row in OptionTable.rows where row.modes != .none {
      guard let letter = row.short else { continue }
      #expect(ours.insert("\(letter)\(row.argument == nil ? "" : ":")").inserted)
    }
    var theirs: [String] = []
    for character in kcat {
      if character == ":", let last = theirs.popLast() {
        theirs.append(last + ":")
      } else {
        theirs.append(String(character))
      }
    }
    #expect(ours == Set(theirs))
  }

  @Test func `every meaning of an option has a row`() {
    for key in OptionKey.allCases {
      #expect(OptionTable.rows.contains { $0.key == key }, "\(key)")
    }
  }

  @Test func `every option is said in a line and has a subcommand or a kcat mode`() {
    for row in OptionTable.rows {
      #expect(!row.summary.isEmpty && !row.summary.hasSuffix("."), "\(row.spelling)")
      #expect(!row.commands.isEmpty || row.modes != .none, "\(row.spelling)")
      #expect(row.short != nil || !row.long.isEmpty)
    }
  }

  @Test(arguments: [
    ("topik", "topic"), ("form", "format"), ("bootstrap", "bootstrap-server"),
    ("ofset", "offset"), ("parttion", "partition"),
  ])
  func `a mistyped name finds the one that was meant`(typed: String, meant: String) {
    let names = OptionTable.rows(of: .consume).flatMap(\.long)
    #expect(NearestName.of(typed, among: names) == meant)
  }

  @Test func `a word that is near to nothing finds nothing`() {
    #expect(NearestName.of("xyzzy", among: ["topic", "format"]) == nil)
    #expect(NearestName.of("", among: ["topic"]) == nil)
  }
}
