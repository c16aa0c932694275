/// What `hbcat reference` prints: files of the repository that are made of the tables.
enum Reference: String, CaseIterable {
  case man, bash, zsh, fish

  var text: String {
    switch self {
    case .man: ManPage.text
    case .bash: BashCompletion.text
    case .zsh: ZshCompletion.text
    case .fish: FishCompletion.text
    }
  }
}

enum ManPage { static let text = "" }
enum BashCompletion { static let text = "" }
enum ZshCompletion { static let text = "" }
enum FishCompletion { static let text = "" }
