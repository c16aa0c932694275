// swift-tools-version: 6.2
import Foundation
import PackageDescription

// C libraries are linked as static archives, so that the binary starts fast and runs anywhere.
// HBCAT_DYNAMIC=1 links them as shared objects, for systems that have no archives.
let dynamic = Context.environment["HBCAT_DYNAMIC"] == "1"

/// The folders in which Debian and its relatives keep archives.
let archiveFolders = [
  "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib",
]

/// The first of `names` that exists as `lib<name>.a`; Debian 12 says `uv_a`, Debian 13 `uv`.
func archive(_ names: [String]) -> String? {
  for folder in archiveFolders {
    for name in names where FileManager.default.fileExists(atPath: "\(folder)/lib\(name).a") {
      return name
    }
  }
  return nil
}

/// Links a library: its archive where there is one, otherwise the shared object.
func library(_ name: String, archiveNames: [String]) -> LinkerSetting {
  if !dynamic, let found = archive(archiveNames) { return .linkedLibrary(":lib\(found).a") }
  return .linkedLibrary(name)
}

var codecLibraries: [LinkerSetting] = [
  library("z", archiveNames: ["z"]),
  library("deflate", archiveNames: ["deflate"]),
  library("lz4", archiveNames: ["lz4"]),
  library("zstd", archiveNames: ["zstd"]),
  library("snappy", archiveNames: ["snappy"]),
  .linkedLibrary("stdc++"),
]
// Debian 13's liblz4.a needs the hash that Debian 12's contains.
if !dynamic, archive(["xxhash"]) != nil {
  codecLibraries.append(.linkedLibrary(":libxxhash.a"))
}
let loopLibraries: [LinkerSetting] = [library("uv", archiveNames: ["uv_a", "uv"])]
let patternLibraries: [LinkerSetting] = [library("pcre2-8", archiveNames: ["pcre2-8"])]
let yamlLibraries: [LinkerSetting] = [library("yaml", archiveNames: ["yaml"])]

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// A test target whose folder is named after the module that it tests.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

let package = Package(
  name: "hbcat",
  products: [.executable(name: "hbcat", targets: ["hbcat"])],
  targets: [
    .systemLibrary(name: "CUV"),
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CDeflate"),
    .systemLibrary(name: "CLZ4"),
    .systemLibrary(name: "CZstd"),
    .systemLibrary(name: "CSnappy"),
    .systemLibrary(name: "CPCRE2"),
    .systemLibrary(name: "CYAML"),
    .target(name: "CRC32C"),
    .target(name: "CTLS"),
    .target(name: "CCurl"),
    .target(name: "CGSS"),
    .target(
      name: "KafkaProtocol",
      dependencies: ["CRC32C", "CZlib", "CDeflate", "CLZ4", "CZstd", "CSnappy"],
      swiftSettings: strict, linkerSettings: codecLibraries),
    .target(
      name: "Transport", dependencies: ["CUV", "CTLS"], swiftSettings: strict,
      linkerSettings: loopLibraries),
    .target(
      name: "KafkaClient",
      dependencies: ["KafkaProtocol", "Transport", "HTTP", "JSON", "CGSS", "CPCRE2"],
      swiftSettings: strict, linkerSettings: patternLibraries),
    .target(
      name: "KafkaBroker", dependencies: ["KafkaProtocol", "Transport"], swiftSettings: strict),
    .target(name: "HTTP", dependencies: ["CCurl"], swiftSettings: strict),
    .target(name: "JSON", swiftSettings: strict),
    .target(name: "Avro", dependencies: ["JSON"], swiftSettings: strict),
    .target(
      name: "Healthbot", dependencies: ["JSON", "CYAML"], swiftSettings: strict,
      linkerSettings: yamlLibraries),
    .target(
      name: "HbcatCLI",
      dependencies: [
        "KafkaProtocol", "Transport", "KafkaClient", "KafkaBroker", "HTTP", "JSON", "Avro",
        "Healthbot",
      ],
      swiftSettings: strict),
    .executableTarget(name: "hbcat", dependencies: ["HbcatCLI"], swiftSettings: strict),
    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
    tests("KafkaProtocol", ["KafkaProtocol", "CRC32C", "TestSupport"]),
    tests("Transport", ["Transport", "TestSupport"]),
    tests("HTTP", ["HTTP", "TestSupport"]),
    tests(
      "KafkaClient",
      ["KafkaClient", "KafkaProtocol", "Transport", "HTTP", "JSON", "TestSupport"]),
    tests("KafkaBroker", ["KafkaBroker", "KafkaProtocol", "Transport", "TestSupport"]),
    tests("JSON", ["JSON", "TestSupport"]),
    tests("Avro", ["Avro", "TestSupport"]),
    tests("Healthbot", ["Healthbot", "JSON", "TestSupport"]),
    tests(
      "HbcatCLI",
      [
        "HbcatCLI", "KafkaProtocol", "Transport", "HTTP", "JSON", "Avro", "Healthbot",
        "TestSupport",
      ]),
    tests("Conformance", ["KafkaProtocol", "TestSupport"]),
    tests("Interop", ["TestSupport", "hbcat"]),
    tests("Tidy", ["TestSupport"]),
    .executableTarget(
      name: "hbcat-bench", dependencies: ["KafkaProtocol"], path: "Tests/Benchmarks",
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
