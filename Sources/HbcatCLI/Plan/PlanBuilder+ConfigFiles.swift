extension PlanBuilder {
  /// `-F`: reads a file now, in its place among the other options; `none` and `-` read none.
  mutating func readConfigFile(_ path: Argument) throws(UsageError) {
    searchesDefaultFile = false
    if path.bytes.isEmpty || path == "-" || path == "none" { return }
    client.properties += try read(path, level: 1)
    configFilesRead += 1
  }

  /// Reads the file that a variable names, or else the first default file that there is.
  ///
  /// Its properties come before those of the command line, so that these win.
  mutating func readDefaultConfigFiles() throws(UsageError) {
    guard configFilesRead == 0 else { return }
    let typed = (registry, registryAuthorities)
    defer {
      registry = typed.0 ?? registry
      registryAuthorities = typed.1 ?? registryAuthorities
    }
    if let path = fileOfVariable() {
      client.properties = try read(path, level: 1) + client.properties
      return
    }
    guard searchesDefaultFile, let home = surroundings.variable("HOME"), !home.isEmpty else {
      return
    }
    for name in (isCalledKcat ? [] : ["hbcat.conf"]) + ["kcat.conf", "kafkacat.conf"] {
      let path = Argument("\(home)/.config/\(name)")
      switch surroundings.readFile(path) {
      case .success(let bytes):
        if name == "kafkacat.conf" {
          messages.info(1, "Configuration filename kafkacat.conf is deprecated!")
          messages.info(1, "Rename \(path) to \(home)/.config/kcat.conf")
        }
        messages.info(3, "Reading configuration from file \(path)")
        client.properties = try parse(bytes, path) + client.properties
        return
      case .failure(let error) where error.isAbsence: continue
      case .failure(let error):
        messages.info(1, "Configuration file \(path) is not read: \(error.description)")
      }
    }
  }

  private func fileOfVariable() -> Argument? {
    for name in (isCalledKcat ? [] : ["HBCAT_CONFIG"]) + ["KCAT_CONFIG", "KAFKACAT_CONFIG"] {
      guard let path = surroundings.variable(name), !path.isEmpty else { continue }
      if name == "KAFKACAT_CONFIG" {
        messages.info(1, "KAFKA_CONFIG is deprecated!")
        messages.info(1, "Rename KAFKA_CONFIG to KCAT_CONFIG")
      }
      return Argument(path)
    }
    return nil
  }

  private mutating func read(_ path: Argument, level: Int) throws(UsageError) -> [PropertySetting] {
    switch surroundings.readFile(path) {
    case .success(let bytes):
      messages.info(level, "Reading configuration from file \(path)")
      return try parse(bytes, path)
    case .failure(let error):
      throw .circumstance("Failed to open \(path): \(error.description)")
    }
  }

  private mutating func parse(
    _ bytes: [UInt8], _ path: Argument
  ) throws(UsageError) -> [PropertySetting] {
    let written = try ConfigFile.parse(bytes, path: path.description)
    var properties: [PropertySetting] = []
    for property in written {
      if try setRegistry(property) { continue }
      properties.append(try resolved(property))
      try check(properties[properties.count - 1])
    }
    if written.contains(where: \.isSecret) { warnIfReadable(path) }
    return properties
  }
}
