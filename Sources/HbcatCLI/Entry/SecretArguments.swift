import Glibc

/// Overwrites the passwords on the command line, which every user of the machine sees in `ps` (S34).
public enum SecretArguments {
  /// How the names of properties end whose values are secret; the argument decides, not the option that it
  /// belongs to, so that `-X`, `--property` and clusters of letters are all found.
  static let endings = [
    ".password", ".secret", ".passphrase", ".pem", "ssl_key", ".jaas.config",
    ".oauthbearer.config",
  ]

  /// Overwrites what follows the first `=` of each word that sets a secret property.
  ///
  /// To be called when the words have been copied.
  public static func hide(_ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, count: Int) {
    for index in 0..<count {
      guard let word = words[index] else { continue }
      if let password = password(inURL: UnsafePointer(word)) {
        for place in password { word[place] = CChar(UInt8(ascii: "*")) }
      }
      guard let value = secret(in: UnsafePointer(word)) else { continue }
      let length = strlen(word)
      for place in value..<length {
        word[place] = place < value + 3 ? CChar(UInt8(ascii: "*")) : 0
      }
    }
  }

  /// Where the secret of a word begins; nil where it has none.
  static func secret(in word: UnsafePointer<CChar>) -> Int? {
    var place = 0
    // An option's own name, as in --property=NAME=VALUE.
    if word[0] == 0x2d, word[1] == 0x2d {
      while word[place] != 0, word[place] != 0x3d { place += 1 }
      if word[place] == 0 { return nil }
      if let value = value(in: word, from: 0, equals: place) { return value }
      place += 1
    }
    let start = place
    while word[place] != 0, word[place] != 0x3d { place += 1 }
    return word[place] == 0 ? nil : value(in: word, from: start, equals: place)
  }

  /// Where the password of `scheme://user:password@host` is; nil where a word has none, or none in it.
  static func password(inURL word: UnsafePointer<CChar>) -> Range<Int>? {
    guard let scheme = strstr(word, "://") else { return nil }
    let start = UnsafePointer(scheme) - word + 3
    guard let colon = strchr(word + start, 0x3a), let at = strrchr(word, 0x40) else { return nil }
    let first = UnsafePointer(colon) - word + 1
    let end = UnsafePointer(at) - word
    return first < end ? first..<end : nil
  }

  /// The place behind `=` if what stands before it names a secret and something follows.
  private static func value(in word: UnsafePointer<CChar>, from: Int, equals: Int) -> Int? {
    var end = equals
    while end > from, word[end - 1] == 0x20 { end -= 1 }
    let name = UnsafeBufferPointer(start: word + from, count: end - from)
    for ending in endings {
      let ending = ending.utf8
      guard name.count >= ending.count,
        zip(name.suffix(ending.count), ending).allSatisfy({ UInt8(bitPattern: $0) == $1 })
      else { continue }
      return word[equals + 1] == 0 ? nil : equals + 1
    }
    return nil
  }
}
