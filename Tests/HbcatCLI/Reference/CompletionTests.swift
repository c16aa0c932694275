import TestSupport
import Testing

@testable import HbcatCLI

/// What a shell offers at the end of a line.
struct Offer: Sendable, CustomTestStringConvertible {
  var line: String
  var offered: Set<String>
  /// Some of what must not be offered.
  var withheld: Set<String> = []
  var testDescription: String { line }

  static let all: [Offer] = [
    Offer(line: "hbcat li", offered: ["list"], withheld: ["produce"]),
    Offer(
      line: "hbcat ", offered: Set(Command.shown.map(\.rawValue)), withheld: ["reference"]),
    Offer(line: "hbcat consume --fo", offered: ["--format"], withheld: ["--from-beginning"]),
    Offer(
      line: "hbcat notify --", offered: ["--group", "--severity", "--sanitize", "--to"],
      withheld: ["--partition", "--format"]),
    Offer(
      line: "hbcat -b x produce -z ", offered: ["none", "gzip", "snappy", "lz4", "zstd"]),
    Offer(line: "hbcat -t list con", offered: ["consume"]),
    Offer(line: "hbcat help b", offered: ["broker"], withheld: ["list"]),
    Offer(line: "hbcat broker ", offered: ["run"], withheld: ["list"]),
    Offer(line: "hbcat notify --severity m", offered: ["major", "minor"], withheld: ["normal"]),
    Offer(line: "hbcat healthbot-notify --sev", offered: ["--severity"]),
  ]

  /// Fails unless a shell's answer, a word a line, is as it must be.
  func check(_ result: CommandResult) {
    let words = Set(result.stdout.split(whereSeparator: \.isNewline).map(String.init))
    #expect(offered.isSubset(of: words), "\(words) \(result.stderr)")
    #expect(withheld.isDisjoint(with: words))
    #expect(result.stderr == "")
  }
}

struct CompletionTests {
  @Test(.enabled(if: Places.has("bash")), arguments: Offer.all)
  func `bash offers what the table has`(offer: Offer) async throws {
    let folder = ScratchFolder()
    let file = folder.write(BashCompletion.text, to: "hbcat.bash")
    var words = offer.line.split(separator: " ").map(String.init)
    if offer.line.hasSuffix(" ") { words.append("") }
    let script = """
      source "$1"; shift
      complete -p hbcat >/dev/null || exit 1
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hbcat
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    try await offer.check(Shell.run(["bash", "-c", script, "bash", file] + words, home: folder))
    try await folder.remove()
  }

  @Test(.enabled(if: Places.has("fish")), arguments: Offer.all)
  func `fish offers what the table has`(offer: Offer) async throws {
    let folder = ScratchFolder()
    let file = folder.write(FishCompletion.text, to: "hbcat.fish")
    let script = "source $argv[1]; complete -C $argv[2] | string replace -r '\\t.*' ''"
    try await offer.check(
      Shell.run(["fish", "--no-config", "-c", script, file, offer.line], home: folder))
    try await folder.remove()
  }

  @Test(.enabled(if: Places.has("zsh")), arguments: Offer.all)
  func `zsh offers what the table has`(offer: Offer) async throws {
    let folder = ScratchFolder()
    _ = folder.write(ZshCompletion.text, to: "_hbcat")
    // A second zsh under a terminal of its own: completion works nowhere else.
    let inner = folder.write(
      """
      PS1=
      fpath=(\(folder.path) $fpath)
      autoload -Uz compinit; compinit -u -D
      compadd() {
        local -a words
        builtin compadd -O words "$@"
        (( $#words )) && print -rl -- $words >> \(folder.path)/offered
        builtin compadd "$@"
      }
      offer() { _main_complete; compstate[insert]=; compstate[list]=; print -rn -- '<<done>>' }
      zle -C offer complete-word offer; bindkey '^I' offer
      print -rn -- '<<ready>>'

      """, to: "inner.zsh")
    let outer = """
      zmodload zsh/zpty
      : > \(folder.path)/offered
      zpty z zsh -f -i
      zpty -w z "source \(inner)"
      zpty -r z text '*<<ready>>*'
      zpty -w -n z "$1"$'\\t'
      zpty -r z text '*<<done>>*'
      zpty -d z
      cat \(folder.path)/offered
      """
    try await offer.check(Shell.run(["zsh", "-f", "-c", outer, "zsh", offer.line], home: folder))
    try await folder.remove()
  }
}
