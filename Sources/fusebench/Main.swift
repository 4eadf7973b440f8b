// The program's entry: the export runs on the process's first thread, before any other exists, so that its
// signals reach it; everything else is a command of the harness.

import ArgumentParser
import Dispatch
import ExportUnderTest
import Glibc

@main
enum Main {
  static func main() {
    let words = CommandLine.arguments.dropFirst()
    if words.first == "export" {
      exit(exportMain(Array(words.dropFirst()), version: Fusebench.version))
    }
    Task {
      await Fusebench.main()
      exit(0)
    }
    dispatchMain()
  }
}
