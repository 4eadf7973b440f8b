// A program that is only `fusebench export`, from changed sources.

import ExportUnderTest
import Glibc

guard CommandLine.arguments.dropFirst().first == "export" else {
  let message = "this is a mutant of the export: fusebench export …\n"
  _ = write(2, message, message.utf8.count)
  exit(2)
}
exit(exportMain(CommandLine.arguments.dropFirst(2).map { Array($0.utf8) }, version: "mutant"))
