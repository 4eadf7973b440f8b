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
    do {
      try CommandSuggestion.check(Array(words))
    } catch {
      complain("fusebench: \(error)")
    }
    Task { await run() }
    dispatchMain()
  }

  /// Runs a command; words that are wrong end with 2, as everything that could not run.
  private static func run() async {
    do {
      var command = try Fusebench.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      exit(0)
    } catch {
      guard Fusebench.exitCode(for: error) == .validationFailure else { Fusebench.exit(withError: error) }
      complain(Fusebench.fullMessage(for: error))
    }
  }

  private static func complain(_ message: String) -> Never {
    let line = message + "\n"
    _ = write(2, line, line.utf8.count)
    exit(2)
  }
}
