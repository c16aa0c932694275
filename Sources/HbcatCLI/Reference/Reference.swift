/// What `hbcat reference` prints: files of the repository that are made of the tables.
enum Reference: String, CaseIterable {
  case man, bash, zsh, fish

  /// Where the repository keeps it.
  var path: String {
    switch self {
    case .man: "man/hbcat.1"
    case .bash: "completions/hbcat.bash"
    case .zsh: "completions/_hbcat"
    case .fish: "completions/hbcat.fish"
    }
  }

  var text: String {
    switch self {
    case .man: ManPage.text
    case .bash: BashCompletion.text
    case .zsh: ZshCompletion.text
    case .fish: FishCompletion.text
    }
  }
}
