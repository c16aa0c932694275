extension Comparison {
  /// The commands of kcat's own README, with an end where they have none.
  static let readme: [Comparison] = [
    Comparison(
      "README: a balanced consumer", "-G {t} one empty -e -X auto.offset.reset=earliest",
      unordered: true),
    Comparison("README: lines of stdin, snappy", "-t {t} -z snappy", stdin: "one\ntwo\n"),
    Comparison("README: read and exit at the end", "-C -t three -p 0 -e"),
    Comparison(
      "README: the last hundred, with broker.version.fallback",
      "-C -X broker.version.fallback=0.8.2.1 -t many -p 0 -o -100 -e"),
    Comparison("README: a tombstone", "-t {t} -Z -K:", stdin: "abc:\n"),
    Comparison(
      "README: headers",
      "-P -t {t} -H 'header1=header value' -H nullheader -H emptyheader= -H header1=duplicateIsOk",
      stdin: "hello there\n"),
    Comparison("README: print headers", #"-C -t heads -e -J -f '%k: %s\nHeaders: %h\n'"#),
    Comparison("README: files", "-P -t {t} -p 0 {dir}/a.txt {dir}/b.txt {dir}/empty.txt"),
    Comparison("README: JSON", "-C -t one -J -e"),
    Comparison("README: unpack key and value", "-C -t numbers -s key=i -s 'value=B c' -K: -e"),
    Comparison(
      "README: a format",
      #"-C -t heads -e -f 'Topic %t[%p], offset: %o, key: %k, payload: %S bytes: %s\n'"#),
    Comparison(
      "README: a transaction", "-P -t {t} -X transactional.id={t}", stdin: "one\ntwo\n"),
    Comparison("README: metadata", "-L -t one"),
    Comparison("README: metadata as JSON", "-L -J -t three"),
    Comparison("README: offsets of times", "-Q -t times:0:{ts1} -t one:0:1"),
    Comparison("README: between two times", "-C -t times -o s@{ts1} -o e@{ts2}"),
    Comparison(
      "README: a configuration of the environment", "-C -t one -e",
      environment: ["KCAT_CONFIG": "{dir}/good.conf"]),
  ]
}
