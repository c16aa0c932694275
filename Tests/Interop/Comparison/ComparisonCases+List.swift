import Glibc

extension Comparison {
  /// `-L`, in text and JSON, of all and of one.
  static let listing: [Comparison] = [
    Comparison("list all topics", "-L", unordered: true),
    Comparison("list all topics as JSON", "-L -J", unordered: true),
    Comparison("list a topic", "-L -t one"),
    Comparison("list a topic with three partitions", "-L -t three"),
    Comparison("list a topic as JSON", "-L -J -t three"),
    Comparison("list quietly", "-L -q -t one"),
    Comparison("list verbosely", "-L -v -t one"),
    Comparison("list unbuffered", "-L -u -t one"),
    Comparison("list with -E", "-L -E -t one"),
    Comparison("list with a time limit", "-L -m 3 -t one"),
    Comparison("list with options attached", "-Ltone -m3"),
    Comparison("list with a producer's options", "-L -t one -z gzip -k x -T"),
    Comparison("list with a consumer's options", "-L -t one -o end -e -O"),
    Comparison("list a topic with options behind --", "-L -t one --"),
    Comparison("the last of two modes wins", "-P -t one -L"),
    Comparison("the last of two topics wins", "-L -t empty -t one"),
    Comparison("list from a terminal", "-L -t one", terminal: true),
    Comparison("list with a broker of -X", "-L -t one -X bootstrap.servers={b}", bare: true),
    Comparison(
      "list with metadata.broker.list", "-L -t one -X metadata.broker.list={b}", bare: true),
    Comparison("list with a dead first broker", "-L -t one -q -b 127.0.0.1:1,{b}", bare: true),
    Comparison("-b wins over -X", "-L -t one -X bootstrap.servers=127.0.0.1:1"),
    Comparison("the last -b wins", "-b 127.0.0.1:1 -L -t one -b {b}", bare: true),
    Comparison("list to a topic that is not there", "-L -t absent-{t}"),
    Comparison("list as JSON a topic that is not there", "-L -J -t absent-{t}"),
    Comparison("list a topic with a bad name", "-L -t bad/name"),
    Comparison("list at a dead broker", "-L -b 127.0.0.1:1 -m 1", bare: true),
    Comparison("list at a dead broker quietly", "-L -b 127.0.0.1:1 -m 1 -q", bare: true),
    Comparison("list at a dead broker with -E", "-L -b 127.0.0.1:1 -m 1 -E", bare: true),
    Comparison("list at a host that is not there", "-L -b nowhere.invalid:1 -m 1", bare: true),
    Comparison("list at a name of a dead broker", "-L -b localhost:1 -m 3", bare: true),
    Comparison(
      "list at a dead broker quietly with debugging", "-L -b 127.0.0.1:1 -m 1 -q -d broker",
      bare: true),
    Comparison("list with all debugging", "-L -t one -d all"),
    Comparison("list with a client id", "-L -t one -X client.id=me"),
    Comparison("list with a file of properties", "-L -t one -F {dir}/good.conf"),
    Comparison(
      "list with a file that names the broker", "-L -t one -F {dir}/broker.conf", bare: true),
    Comparison("list with debugging", "-L -t one -d broker,metadata"),
    Comparison("list with debugging, quiet", "-L -t one -q -d conf"),
    Comparison("list with no file", "-L -t one -F none"),
    Comparison("list with -X topic.acks", "-L -t one -X topic.acks=1"),
    Comparison(
      "list with a file of KCAT_CONFIG", "-L -t one",
      environment: ["KCAT_CONFIG": "{dir}/good.conf"]),
    Comparison(
      "list with a file of KAFKACAT_CONFIG", "-L -t one",
      environment: ["KAFKACAT_CONFIG": "{dir}/good.conf"]),
  ]
}
