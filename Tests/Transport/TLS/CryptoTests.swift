import Testing

@testable import Transport

/// Hashes and derived keys against published vectors.
@Suite struct CryptoTests {
  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test func `SHA-256 and SHA-512 are those of FIPS 180-4`() throws {
    #expect(
      Self.hex(try Crypto.hash(.sha256, Array("abc".utf8)))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      Self.hex(try Crypto.hash(.sha256, []))
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      Self.hex(try Crypto.hash(.sha512, Array("abc".utf8))).hasPrefix("ddaf35a193617abacc417349"))
  }

  @Test func `HMAC is that of RFC 4231`() throws {
    let text = Array("what do ya want for nothing?".utf8)
    #expect(
      Self.hex(try Crypto.hmac(.sha256, key: Array("Jefe".utf8), text))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      Self.hex(try Crypto.hmac(.sha512, key: Array("Jefe".utf8), text))
        .hasPrefix("164b7a7bfcf819e2e395fbe73b56e0a3"))
    #expect(
      Self.hex(try Crypto.hmac(.sha256, key: [], []))
        == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
  }

  @Test func `PBKDF2 is that of RFC 7914`() throws {
    let key = try Crypto.pbkdf2(
      .sha256, password: Array("passwd".utf8), salt: Array("salt".utf8), iterations: 1)
    #expect(
      Self.hex(key) == "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
    #expect(throws: CryptoError.self) {
      try Crypto.pbkdf2(.sha256, password: [1], salt: [1], iterations: 0)
    }
  }

  @Test func `random bytes differ from call to call`() throws {
    let first = try Crypto.randomBytes(24)
    #expect(first.count == 24)
    #expect(try Crypto.randomBytes(24) != first)
    #expect(try Crypto.randomBytes(0) == [])
  }

  @Test func `only what is the same is equal`() throws {
    #expect(try Crypto.areEqual([1, 2, 3], [1, 2, 3]))
    #expect(try Crypto.areEqual([], []))
    #expect(try !Crypto.areEqual([1, 2, 3], [1, 2, 4]))
    #expect(try !Crypto.areEqual([1, 2, 3], [1, 2]))
  }

  @Test func `a missing library names its package`() {
    #expect("\(CryptoError.noLibrary("no such file"))".contains("libssl3"))
  }
}
