import KafkaClient

/// Secrets that are not on the command line, where every user of the machine sees them (S34).
///
/// Each secret property has two further names, which librdkafka has not, so that no value of a kcat script
/// can mean anything else than itself: `sasl.password.file=PATH` and `sasl.password.env=NAME`.
extension PlanBuilder {
  /// Bytes that a file with a secret may have.
  private static let secretBytesMax = 1 << 20

  /// The property as it is meant: the secret in place of where it is to be found.
  mutating func resolved(_ property: PropertySetting) throws(UsageError) -> PropertySetting {
    for suffix in [".file", ".env"] where property.name.hasSuffix(suffix) {
      let name = String(property.name.dropLast(suffix.count))
      guard PropertyTable.find(property.name) == nil,
        case .secret? = PropertyTable.find(name)?.kind
      else { continue }
      var secret = property
      secret.name = name
      if suffix == ".file" {
        let hasLines = name.hasSuffix(".pem") || name == "sasl.jaas.config"
        secret.value = try secretFile(Argument(property.value), property.name, wholeText: hasLines)
      } else {
        guard let value = surroundings.variable(property.value) else {
          throw .circumstance(
            "\(property.name): the environment has no variable \"\(property.value)\"")
        }
        secret.value = value
      }
      return secret
    }
    return property
  }

  /// `--password-file`: the password of the first line of a file; `-` asks for it later.
  mutating func applyPasswordFile(_ path: Argument, _ spelling: String) throws(UsageError) {
    if path == "-" {
      client.asksForPassword = true
      return
    }
    let password = try secretFile(path, spelling, wholeText: false)
    client.asksForPassword = false
    let property = PropertySetting(name: "sasl.password", value: password)
    try check(property)
    client.properties.append(property)
  }

  /// A file's first line, or all of it; others being able to read it is told.
  private mutating func secretFile(_ path: Argument, _ option: String, wholeText: Bool)
    throws(UsageError) -> String
  {
    let bytes: [UInt8]
    switch surroundings.readFile(path) {
    case .success(let read): bytes = read
    case .failure(let error):
      throw .circumstance("\(option): \(path): \(error.description)")
    }
    guard bytes.count <= Self.secretBytesMax else {
      throw .circumstance(
        "\(option): \(path) has \(bytes.count) bytes; at most \(Self.secretBytesMax) are taken")
    }
    warnIfReadable(path)
    var secret = bytes[...]
    if !wholeText {
      secret = secret.prefix { $0 != UInt8(ascii: "\n") }
      if secret.last == UInt8(ascii: "\r") { secret = secret.dropLast() }
    }
    guard let text = String(validating: secret, as: UTF8.self), !secret.contains(0) else {
      throw .circumstance("\(option): \(path) is not text in UTF-8")
    }
    guard !text.isEmpty else {
      throw .circumstance("\(option): \(path): the first line is empty")
    }
    return text
  }

  /// Tells of a file with a secret that others than its owner may read (S36).
  mutating func warnIfReadable(_ path: Argument) {
    guard let text = exposure(of: path) else { return }
    readableSecrets.append(path)
    messages.info(1, "WARNING: \(text)")
  }

  /// Throws where a file was read that holds a secret and that others can read, under `--strict-secrets`.
  func refuseReadableSecrets() throws(UsageError) {
    guard isStrictWithSecrets, let path = readableSecrets.first, let text = exposure(of: path)
    else { return }
    throw .circumstance("\(text) (--strict-secrets)")
  }

  private func exposure(of path: Argument) -> String? {
    guard let mode = surroundings.fileMode(path), mode & 0o077 != 0 else { return nil }
    let digits = String(mode & 0o777, radix: 8)
    return "\(path) holds a secret and has mode \(digits), so that others can read it: "
      + "chmod 600 \(path)"
  }
}
