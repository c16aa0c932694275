import TestSupport
import Testing

/// What goes in comes out: hbcat with itself and crossed with kcat, on each broker, with each codec.
@Suite(.serialized, .clusters) struct RoundTripTests {
  static let codecs = ["none", "gzip", "snappy", "lz4", "zstd"]
  static let count = 100_000

  @Test(arguments: Target.available, codecs)
  func `100,000 records of each codec come back as they were sent`(
    _ target: Target, _ codec: String
  ) async throws {
    let bench = try await Bench(target)
    let topic = bench.topic("roundtrip-\(codec)")
    let lines = Bench.lines(Self.count)
    let sent = try await bench.hbcat("-P", "-t", topic, "-z", codec, input: lines)
    if codec == "zstd" && !target.hasZstd {
      #expect(sent.status == 1)
      #expect(sent.stderr.contains("zstd"))
      #expect(sent.stderr.contains("2.1"))
      return
    }
    #expect(sent.status == 0, "\(sent.stderr)")
    let read = try await bench.hbcat("-C", "-t", topic, "-e", "-q")
    #expect(read.status == 0, "\(read.stderr)")
    #expect(read.stdoutBytes == lines)
  }

  @Test(.enabled(if: Places.has("kcat"), "needs kcat"), arguments: Target.available, codecs)
  func `kcat reads what hbcat wrote, and hbcat what kcat wrote`(
    _ target: Target, _ codec: String
  ) async throws {
    if codec == "zstd" && !target.hasZstd { return }
    let bench = try await Bench(target)
    let topic = bench.topic("cross-\(codec)")
    let lines = Bench.lines(Self.count)
    let sent = try await bench.hbcat("-P", "-t", topic, "-z", codec, input: lines)
    #expect(sent.status == 0, "\(sent.stderr)")
    let read = try await bench.kcat(
      "-C", "-t", topic, "-e", "-q", "-X", "fetch.wait.max.ms=10")
    #expect(read.stdoutBytes == lines)

    let back = bench.topic("back-\(codec)")
    let kcatSent = try await bench.kcat("-P", "-t", back, "-z", codec, input: lines)
    #expect(kcatSent.status == 0, "\(kcatSent.stderr)")
    let hbcatRead = try await bench.hbcat("-C", "-t", back, "-e", "-q")
    #expect(hbcatRead.status == 0, "\(hbcatRead.stderr)")
    #expect(hbcatRead.stdoutBytes == lines)
  }

  @Test(arguments: Target.available)
  func `keys, null values and headers survive`(_ target: Target) async throws {
    let bench = try await Bench(target)
    let topic = bench.topic("parts")
    let input = Array("k1:v1\n:v2\nk3:\nnokey\n:\n".utf8)
    let headers = target.hasHeaders ? ["-H", "h1=v1", "-H", "nullh", "-H", "empty="] : []
    let sent = try await run(
      [Places.hbcat, "-b", bench.bootstrap, "-P", "-t", topic, "-K:", "-Z"] + headers,
      input: input)
    #expect(sent.status == 0, "\(sent.stderr)")
    let format = target.hasHeaders ? "%k,%K,%s,%S,%h\\n" : "%k,%K,%s,%S\\n"
    let read = try await bench.hbcat("-C", "-t", topic, "-e", "-q", "-f", format)
    let tail = target.hasHeaders ? ",h1=v1,nullh=NULL,empty=" : ""
    #expect(
      read.stdout
        == ["k1,2,v1,2", ",-1,v2,2", "k3,2,,-1", ",-1,nokey,5", ",-1,,-1"]
        .map { $0 + tail + "\n" }.joined())
  }

  @Test(arguments: Target.available)
  func `headers on a broker before 0.11 are an error that names the version`(
    _ target: Target
  ) async throws {
    if target.hasHeaders { return }
    let bench = try await Bench(target)
    let sent = try await bench.hbcat(
      "-P", "-t", bench.topic("noheaders"), "-H", "a=b", input: Array("x\n".utf8))
    #expect(sent.status == 1)
    #expect(sent.stderr.contains("0.11"))
  }

  @Test(arguments: Target.available.filter { $0 != .embedded && $0 != .kafka431 })
  func `a broker without share groups is told so, with the Kafka that has them`(
    _ target: Target
  ) async throws {
    let bench = try await Bench(target)
    let topic = bench.topic("shared")
    _ = try await bench.hbcat("-P", "-t", topic, input: Array("one\n".utf8))
    let result = try await bench.hbcat("consume", "--share-group", "g", "-t", topic)
    #expect(result.status == 1)
    #expect(
      result.stderr.hasSuffix(
        "Required feature not supported by broker: share group g needs Kafka 4.2 or later\n"),
      "\(result.stderr)")
  }
}
