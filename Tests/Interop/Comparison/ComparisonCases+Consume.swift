import Glibc

extension Comparison {
  /// `-C`: where to begin and to stop, and what is said.
  static let consuming: [Comparison] = [
    Comparison("consume to the end", "-C -t one -e"),
    Comparison("consume to the end quietly", "-C -t one -e -q"),
    Comparison("consume to the end verbosely", "-C -t one -e -v"),
    Comparison("consume unbuffered", "-C -t one -e -u"),
    Comparison("consume with -E", "-C -t one -e -E"),
    Comparison("consume three partitions", "-C -t three -e", unordered: true),
    Comparison("consume one of three partitions", "-C -t three -p 1 -e"),
    Comparison("consume an empty partition", "-C -t three -p 2 -e"),
    Comparison("consume partition -1", "-C -t one -p -1 -e"),
    Comparison("consume an empty topic", "-C -t empty -e"),
    Comparison("consume from the beginning", "-C -t one -o beginning -e"),
    Comparison("consume from the end", "-C -t one -o end -e"),
    Comparison("consume from offset 0", "-C -t one -o 0 -e"),
    Comparison("consume from offset 2", "-C -t one -o 2 -e"),
    Comparison("consume from the end by number", "-C -t one -o 4 -e"),
    Comparison("consume from an offset too large", "-C -t one -o 99999 -e"),
    Comparison(
      "consume from an offset too large with earliest",
      "-C -t one -o 99999 -e -X auto.offset.reset=earliest"),
    Comparison(
      "consume from an offset too large with error",
      "-C -t one -o 99999 -e -X auto.offset.reset=error"),
    Comparison("consume the last", "-C -t one -o -1 -e"),
    Comparison("consume the last two", "-C -t one -o -2 -e"),
    Comparison("consume more than there are from the end", "-C -t one -o -100 -e"),
    Comparison("consume the last of three partitions", "-C -t three -o -1 -e", unordered: true),
    Comparison("consume from a time", "-C -t times -o s@{ts1} -e"),
    Comparison("consume from time 0", "-C -t times -o s@0 -e"),
    Comparison("consume from time 1", "-C -t times -o s@1 -e"),
    Comparison("consume from a time to come", "-C -t times -o s@99999999999999 -e"),
    Comparison("consume up to a time", "-C -t times -o e@{ts1} -e"),
    Comparison("consume up to a time without -e", "-C -t times -o e@{ts1}"),
    Comparison("consume between times", "-C -t times -o s@{ts1} -o e@{ts2} -e"),
    Comparison("consume between times without -e", "-C -t times -o s@{ts1} -o e@{ts2}"),
    Comparison("consume up to a time to come", "-C -t times -o e@99999999999999 -e"),
    Comparison("consume from stored without a group", "-C -t one -o stored -e"),
    Comparison("consume from stored with a new group", "-C -t one -o stored -e -X group.id={t}"),
    Comparison(
      "consume from stored with a new group from the earliest",
      "-C -t one -o stored -e -X group.id={t} -X auto.offset.reset=earliest"),
    Comparison("consume one message", "-C -t one -c 1"),
    Comparison("consume two messages", "-C -t one -c 2 -o 1"),
    Comparison("consume two messages of three partitions", "-C -t three -p 0 -c 2"),
    Comparison("consume fewer messages than -c", "-C -t one -c 9 -e"),
    Comparison("consume exactly -c messages", "-C -t one -c 4 -e"),
    Comparison("-c 0 is no limit", "-C -t one -c 0 -e"),
    Comparison("-c -1 is no limit", "-C -t one -c -1 -e"),
    Comparison("consume a topic that is not there", "-C -t absent-{t} -e"),
    Comparison("consume a topic that is not there, quietly", "-C -t absent-{t} -e -q"),
    Comparison("consume a partition that is not there", "-C -t one -p 9 -e"),
    Comparison("consume a topic with a bad name", "-C -t bad/name -e"),
    Comparison("consume at a dead broker", "-C -t one -b 127.0.0.1:1 -m 1", bare: true),
    Comparison("consume at a dead broker quietly", "-C -t one -b 127.0.0.1:1 -m 1 -q", bare: true),
    Comparison("consume at a dead broker with -E", "-C -t one -b 127.0.0.1:1 -m 1 -E", bare: true),
    Comparison(
      "consume at a host that is not there", "-C -t one -b nowhere.invalid:1 -m 1", bare: true),
    Comparison(
      "consume at a dead broker quietly with debugging",
      "-C -t one -b 127.0.0.1:1 -m 1 -q -d broker", bare: true),
    Comparison("consume with debugging", "-C -t one -e -d fetch,protocol"),
    Comparison("consume from a terminal", "-C -t one -e", terminal: true),
    Comparison("consume with a producer's options", "-C -t one -e -T -l -k x -H a=b"),
    Comparison("consume with a client id", "-C -t one -e -X client.id=me"),
    Comparison("consume read_committed", "-C -t one -e -X isolation.level=read_committed"),
    Comparison("consume with small fetches", "-C -t many -e -X fetch.message.max.bytes=100"),
    Comparison("consume a thousand messages", "-C -t many -e"),
    Comparison("consume the last ten of many", "-C -t many -o -10 -e"),
    Comparison("consume with check.crcs", "-C -t one -e -X check.crcs=true"),
    Comparison("SIGINT ends a consumer", "-C -t one", signal: SIGINT, after: "Reached end"),
    Comparison("SIGTERM ends a consumer", "-C -t one", signal: SIGTERM, after: "Reached end"),
    Comparison("SIGPIPE ends a consumer", "-C -t one", signal: SIGPIPE, after: "Reached end"),
    Comparison(
      "SIGINT ends an unbuffered consumer", "-C -t one -u", signal: SIGINT, after: "Reached end"),
  ]

  /// `-G`, where it says the same each time.
  static let grouping: [Comparison] = [
    Comparison("a group from the beginning", "-G {t} -o beginning -e one"),
    Comparison("a group from the end", "-G {t} -o end -e one"),
    Comparison("a new group begins at the end", "-G {t} -e one"),
    Comparison("a group with auto.offset.reset", "-G {t} -e one -X auto.offset.reset=earliest"),
    Comparison("a group quietly", "-G {t} -q -e one -X auto.offset.reset=earliest"),
    Comparison("a group from an offset", "-G {t} -o 2 -e one"),
    Comparison("a group from the last", "-G {t} -o -1 -e one"),
    Comparison("a group stops after two", "-G {t} -o beginning -c 2 one"),
    Comparison(
      "a group at a host that is not there", "-G {t} -b nowhere.invalid:1 one", bare: true),
    Comparison("a group with debugging", "-G {t} -o beginning -e -d cgrp one"),
    Comparison("a group with JSON", "-G {t} -o beginning -J -e one"),
    Comparison("a group with a format", "-G {t} -o beginning -e -f '%p %o %k=%s;' one"),
    Comparison("a group with two topics", "-G {t} -o beginning -e one empty", unordered: true),
    Comparison("a group with three partitions", "-G {t} -o beginning -e three", unordered: true),
    Comparison("a group with a regex", "-G {t} -o beginning -e ^on.$", unordered: true),
    Comparison("a group ignores -t", "-G {t} -o beginning -e -t empty one"),
    Comparison("a group with a topic that is not there", "-G {t} -e absent-{t}", within: 15),
    Comparison(
      "a cooperative group",
      "-G {t} -e -c 4 one -X partition.assignment.strategy=cooperative-sticky -o beginning"),
    Comparison(
      "a group with roundrobin",
      "-G {t} -o beginning -e one -X partition.assignment.strategy=roundrobin"),
    Comparison("a group at a dead broker", "-G {t} one -b 127.0.0.1:1", bare: true, within: 15),
    Comparison(
      "SIGINT ends a group", "-G {t} -o beginning one", signal: SIGINT, after: "Reached end"),
    Comparison(
      "SIGTERM ends a group", "-G {t} -o beginning one", signal: SIGTERM, after: "Reached end"),
  ]
}
