import Glibc
import HbcatCLI

let arguments = (0..<Int(CommandLine.argc)).compactMap { place in
  CommandLine.unsafeArgv[place].map { word in
    Array(UnsafeRawBufferPointer(start: word, count: strlen(word)))
  }
}
SecretArguments.hide(CommandLine.unsafeArgv, count: Int(CommandLine.argc))
exit(Hbcat.main(arguments: arguments))
