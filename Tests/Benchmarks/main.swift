import Glibc

// hbcat-bench NAME: small measurements of single parts; figures hold for this machine and this run only.

let name = CommandLine.arguments.dropFirst().first
switch name {
case "records": RecordsBenchmark.run()
default:
  print("usage: hbcat-bench records")
  exit(2)
}
