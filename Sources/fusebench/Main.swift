// The program's entry: the export runs on the process's first thread, before any other exists, so that its
// signals reach it; everything else is a command of the harness.

import ArgumentParser
import Dispatch
import ExportUnderTest
import Glibc
import Harness

@main
enum Main {
  static func main() {
    let words = CommandLine.arguments.dropFirst()
    if words.first == "export" {
      exit(exportMain(Array(words.dropFirst()), version: Fusebench.version))
    }
    do {
      try StandardOutput.check()
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
      end(with: 0)
    } catch {
      let status = Fusebench.exitCode(for: error)
      // Words that are wrong come with the usage; help that was asked for is output.
      guard status != .validationFailure else { complain(Fusebench.fullMessage(for: error)) }
      let message = Fusebench.fullMessage(for: error)
      if !message.isEmpty { status.isSuccess ? print(message) : StandardError.write(message + "\n") }
      end(with: status.rawValue)
    }
  }

  /// Ends with `status`, or with 2 where what was printed has not been taken: a report that is lost is no success.
  private static func end(with status: CInt) -> Never {
    do {
      try StandardOutput.finish()
    } catch {
      complain("fusebench: \(error)")
    }
    exit(status)
  }

  private static func complain(_ message: String) -> Never {
    StandardError.write(message + "\n")
    // Output that cannot be written must not be tried again on the way out.
    _exit(2)
  }
}
