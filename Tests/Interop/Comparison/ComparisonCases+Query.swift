import Glibc

extension Comparison {
  /// `-Q`, in text and JSON.
  static let query: [Comparison] = [
    Comparison("query the first offset", "-Q -t one:0:0"),
    Comparison("query the beginning", "-Q -t one:0:-2"),
    Comparison("query the end", "-Q -t one:0:-1"),
    Comparison("query the middle", "-Q -t times:0:{ts1}"),
    Comparison("query the last", "-Q -t times:0:{ts2}"),
    Comparison("query behind the last", "-Q -t times:0:99999999999999"),
    Comparison("query an empty topic", "-Q -t empty:0:0"),
    Comparison("query three partitions", "-Q -t three:0:0 -t three:1:0 -t three:2:0"),
    Comparison("query is sorted", "-Q -t three:2:-1 -t three:0:-1 -t one:0:0 -t three:1:-1"),
    Comparison("query as JSON", "-Q -J -t one:0:0"),
    Comparison("query many as JSON", "-Q -J -t three:1:0 -t one:0:-1 -t three:0:0 -t empty:0:-1"),
    Comparison("query as JSON behind the last", "-Q -J -t times:0:99999999999999"),
    Comparison("query in hexadecimal", "-Q -t times:0x0:0x10"),
    Comparison("query in octal", "-Q -t three:01:010"),
    Comparison("query with a partition that is not there", "-Q -t one:0:0 -t one:9:0"),
    Comparison("query only a partition that is not there", "-Q -t one:9:0"),
    Comparison("query as JSON with a partition that is not there", "-Q -J -t one:0:0 -t one:9:0"),
    Comparison("query a topic that is not there", "-Q -t absent-{t}:0:0", within: 15),
    Comparison(
      "query a topic that is not there beside one that is", "-Q -t one:0:0 -t absent-{t}:0:0",
      within: 15),
    Comparison("query quietly", "-Q -q -t one:0:0"),
    Comparison("query verbosely", "-Q -v -t one:0:0"),
    Comparison("query with a time limit", "-Q -m 3 -t one:0:0"),
    Comparison("query without a topic", "-Q"),
    Comparison("query without partition and time", "-Q -t one"),
    Comparison("query without time", "-Q -t one:0"),
    Comparison("query with an empty topic", "-Q -t :0:0"),
    Comparison("query with a word for the partition", "-Q -t one:x:0"),
    Comparison("query with a word for the time", "-Q -t one:0:x"),
    Comparison("query with an empty time", "-Q -t one:0:"),
    Comparison("query with a fourth field", "-Q -t one:0:0:0"),
    Comparison("query with -t before -Q", "-t one:0:0 -Q"),
    Comparison("query with a file", "-Q -t one:0:0 file"),
    Comparison("query the same partition twice", "-Q -t one:0:0 -t one:0:-1"),
    Comparison("query with -s", "-Q -t one:0:0 -s i"),
    Comparison("query at a dead broker", "-Q -t one:0:0 -b 127.0.0.1:1 -m 1", bare: true),
    Comparison(
      "query at a host that is not there", "-Q -t one:0:0 -b nowhere.invalid:1 -m 1", bare: true),
    Comparison(
      "query at a dead broker quietly with debugging",
      "-Q -t one:0:0 -b 127.0.0.1:1 -m 1 -q -d broker", bare: true),
    Comparison(
      "query at a dead broker quietly", "-Q -q -t one:0:0 -b 127.0.0.1:1 -m 1", bare: true),
  ]
}
