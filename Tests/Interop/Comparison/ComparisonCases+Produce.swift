import Glibc

extension Comparison {
  /// Lines whose keys go to different partitions.
  private static let keys = "a:1\nkey:1\nk1:1\nhello:1\n123:1\nuser-42:1\n"

  /// `-P`; what has come to the topic is compared as well.
  static let producing: [Comparison] = [
    Comparison("produce lines", "-P -t {t}", stdin: "one\ntwo\n"),
    Comparison("produce a last line without an end", "-P -t {t}", stdin: "one\ntwo"),
    Comparison("produce empty lines", "-P -t {t}", stdin: "\none\n\n\ntwo\n"),
    Comparison("produce empty lines with -Z", "-P -t {t} -Z", stdin: "\none\n\n\ntwo\n"),
    Comparison("produce nothing", "-P -t {t}", stdin: ""),
    Comparison("produce CRLF", "-P -t {t}", stdin: "one\r\ntwo\r\n"),
    Comparison("produce NUL", "-P -t {t}", stdin: "a\0b\n"),
    Comparison("produce quietly", "-P -t {t} -q", stdin: "one\n"),
    Comparison("produce verbosely", "-P -t {t} -v", stdin: "one\n"),
    Comparison("produce with reports", "-P -t {t} -v -v", stdin: "one\ntwo\n"),
    Comparison("produce with -D", "-P -t {t} -D;", stdin: "one;two;three\n"),
    Comparison("produce with -D of two bytes", "-P -t {t} -D ::", stdin: "one::two:three::"),
    Comparison("produce with -D \\t", #"-P -t {t} -D '\t'"#, stdin: "one\ttwo\nthree\t"),
    Comparison("produce with -D in hex", #"-P -t {t} -D '\x2c'"#, stdin: "one,two,three"),
    Comparison("produce with -D CRLF", #"-P -t {t} -D '\r\n'"#, stdin: "one\r\ntwo\r\n"),
    Comparison("produce with -D NUL", #"-P -t {t} -D '\x00'"#, stdin: "one\0two\0"),
    Comparison("produce with -K", "-P -t {t} -K:", stdin: "k1:v1\n:v2\nk3:\nnokey\n:\na:b:c\n"),
    Comparison("produce with -K and -Z", "-P -t {t} -K: -Z", stdin: "k1:v1\n:v2\nk3:\nnokey\n:\n"),
    Comparison("produce with -K and -k", "-P -t {t} -K: -k fixed", stdin: "k1:v1\n:v2\nnokey\n"),
    Comparison(
      "produce with -K, -Z and -k", "-P -t {t} -K: -Z -k fixed",
      stdin: "k1:v1\n:v2\nk3:\nnokey\n:\n"),
    Comparison("produce with -K of two bytes", "-P -t {t} -K ::", stdin: "k:1::v:1\nx\n"),
    Comparison("produce with -K \\t", #"-P -t {t} -K '\t'"#, stdin: "k\tv\n"),
    Comparison("produce with -K and -D", "-P -t {t} -K= -D;", stdin: "a=1;b=2;"),
    Comparison("produce with -k", "-P -t {t} -k key", stdin: "one\ntwo\n"),
    Comparison("produce with an empty -k", "-P -t {t} -k ''", stdin: "one\n"),
    Comparison("produce with headers", "-P -t {t} -H h1=v1 -H n -H e= -H h1=dup", stdin: "one\n"),
    Comparison("produce with = in a header", "-P -t {t} -H a=b=c", stdin: "one\n"),
    Comparison("produce with -c", "-P -t {t} -c 2", stdin: "one\ntwo\nthree\n"),
    Comparison("produce with -T", "-P -t {t} -T", stdin: "one\ntwo\n"),
    Comparison("produce with -T and -D", "-P -t {t} -T -D;", stdin: "one;two;"),
    Comparison("produce with -z gzip", "-P -t {t} -z gzip", stdin: "one\ntwo\n"),
    Comparison("produce with -z snappy", "-P -t {t} -z snappy", stdin: "one\ntwo\n"),
    Comparison("produce with -z lz4", "-P -t {t} -z lz4", stdin: "one\ntwo\n"),
    Comparison("produce with -z zstd", "-P -t {t} -z zstd", stdin: "one\ntwo\n"),
    Comparison("produce with -z none", "-P -t {t} -z none", stdin: "one\ntwo\n"),
    Comparison("produce to partition 0", "-P -t {t} -p 0", stdin: "one\n"),
    Comparison("produce to partition -1", "-P -t {t} -p -1", stdin: "one\n"),
    Comparison(
      "produce two to a partition that is not there", "-P -t {t} -p 9", stdin: "one\ntwo\n"),
    Comparison("produce with acks=0", "-P -t {t} -X acks=0", stdin: "one\n"),
    Comparison("produce with acks=1", "-P -t {t} -X topic.acks=1", stdin: "one\n"),
    Comparison("produce with acks=0 and reports", "-P -t {t} -X acks=0 -vv", stdin: "one\n"),
    Comparison(
      "produce idempotently", "-P -t {t} -X enable.idempotence=true", stdin: "one\ntwo\n"),
    Comparison("produce a transaction", "-P -t {t} -X transactional.id={t}", stdin: "one\ntwo\n"),
    Comparison(
      "produce a transaction quietly", "-P -t {t} -q -X transactional.id={t}", stdin: "one\n"),
    Comparison("produce an empty transaction", "-P -t {t} -X transactional.id={t}", stdin: ""),
    Comparison("produce a file", "-P -t {t} {dir}/a.txt"),
    Comparison("produce two files", "-P -t {t} {dir}/a.txt {dir}/b.txt"),
    Comparison("produce a file with a key", "-P -t {t} -k key {dir}/a.txt"),
    Comparison("produce a file with headers", "-P -t {t} -H a=b {dir}/a.txt"),
    Comparison("produce an empty file", "-P -t {t} {dir}/empty.txt"),
    Comparison("produce an empty file verbosely", "-P -t {t} -vvv {dir}/empty.txt"),
    Comparison("produce a missing file", "-P -t {t} {dir}/missing.txt"),
    Comparison("produce a missing file among others", "-P -t {t} {dir}/a.txt {dir}/missing.txt"),
    Comparison("produce a folder", "-P -t {t} {dir}"),
    Comparison(
      "produce a file with -K, -Z, -T and -c", "-P -t {t} -K: -Z -T -c 1 {dir}/a.txt {dir}/b.txt"),
    Comparison("produce a file verbosely", "-P -t {t} -vvv {dir}/a.txt"),
    Comparison("produce a file line by line", "-P -t {t} -l {dir}/a.txt"),
    Comparison("produce a file line by line with -K", "-P -t {t} -l -K: {dir}/keys.txt"),
    Comparison("produce a file line by line with -T", "-P -t {t} -l -T {dir}/a.txt"),
    Comparison("produce lines with -l and no file", "-P -t {t} -l", stdin: "one\ntwo\n"),
    Comparison("produce with options behind files", "{dir}/a.txt -P -t {t} -k key"),
    Comparison("produce a file behind --", "-P -t {t} -- {dir}/a.txt"),
    Comparison("produce from an auto-selected producer", "-t {t}", stdin: "one\n"),
    Comparison(
      "produce with -X message.timeout.ms", "-P -t {t} -X message.timeout.ms=5000", stdin: "one\n"),
    Comparison("produce with -X linger.ms", "-P -t {t} -X linger.ms=50", stdin: "one\ntwo\n"),
    Comparison(
      "produce with -X batch.num.messages", "-P -t {t} -X batch.num.messages=1", stdin: "one\ntwo\n"
    ),
    Comparison(
      "produce with message.max.bytes and a line too large", "-P -t {t} -X message.max.bytes=1000",
      stdin: String(repeating: "x", count: 2000) + "\n"),
    Comparison(
      "produce with message.max.bytes and a file too large",
      "-P -t {t} -X message.max.bytes=1000 {dir}/big.txt"),
    Comparison(
      "produce at a dead broker", "-P -t x -b 127.0.0.1:1 -m 1", stdin: "one\n", bare: true),
    Comparison(
      "produce at a host that is not there", "-P -t x -b nowhere.invalid:1 -m 1", stdin: "one\n",
      bare: true),
    Comparison(
      "produce at a dead broker quietly with debugging", "-P -t x -b 127.0.0.1:1 -q -d broker",
      stdin: "one\n", bare: true),
    Comparison("produce with debugging", "-P -t {t} -d msg,protocol", stdin: "one\n"),
    Comparison(
      "produce to a topic with a bad name", "-P -t bad/name -X message.timeout.ms=3000",
      stdin: "one\n"),
    Comparison(
      "produce at a dead broker quietly", "-P -t x -b 127.0.0.1:1 -m 1 -q", stdin: "one\n",
      bare: true),
    Comparison(
      "produce at a dead broker with -E", "-P -t x -b 127.0.0.1:1 -E -X message.timeout.ms=1000",
      stdin: "one\n", bare: true),
    Comparison(
      "produce with a consumer's options", "-P -t {t} -o end -e -O -J -f %s", stdin: "one\n"),
    Comparison(
      "SIGINT while a producer waits for stdin", "-P -t {t} -v -v", signal: SIGINT,
      after: "Setting producer", within: 3),
    Comparison(
      "SIGTERM while a producer waits for stdin", "-P -t {t} -v -v", signal: SIGTERM,
      after: "Setting producer", within: 3),
    Comparison(
      "SIGINT while a transaction waits for stdin", "-P -t {t} -v -v -X transactional.id={t}",
      signal: SIGINT, after: "Setting producer", within: 3),
    Comparison(
      "the partitioner consistent_random", "-P -t four -K: -X acks=0 -X batch.num.messages=1 -v -v",
      stdin: keys,
      unordered: true),
    Comparison(
      "the partitioner murmur2",
      "-P -t four -K: -X acks=0 -X batch.num.messages=1 -v -v -X partitioner=murmur2",
      stdin: keys, unordered: true),
    Comparison(
      "the partitioner fnv1a",
      "-P -t four -K: -X acks=0 -X batch.num.messages=1 -v -v -X partitioner=fnv1a", stdin: keys,
      unordered: true),
    Comparison(
      "the partitioner consistent",
      "-P -t four -K: -X acks=0 -X batch.num.messages=1 -v -v -X partitioner=consistent",
      stdin: keys, unordered: true),
    Comparison(
      "murmur2_random", "-P -t {t} -K: -X partitioner=murmur2_random", stdin: "a:1\nkey:2\n"),
  ]
}
