// `fusebench check`: scenarios × modes, a line each, and a summary.

import ArgumentParser
import Glibc
import Harness

/// `fusebench check`.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Run scenarios against an export and compare with their golden files.",
    discussion: "Exit status: 0 all passed or were skipped, 1 something failed, 2 it could not run.")

  @Argument(help: "Names or globs of scenarios (default: all).")
  var patterns: [String] = []

  @OptionGroup var options: HarnessOptions

  @Flag(help: "Keep the folder of every cell, not only of failed ones.")
  var keep = false

  @Flag(help: "A skip is a failure too.")
  var failOnSkip = false

  func run() async throws {
    try await orCouldNotRun {
      let library = try options.library()
      let scenarios = try library.select(patterns)
      var check = Check(library: library, subject: try options.loadSubject())
      check.keepsAll = keep
      if let fault = Machine.cannotMount { throw fault }
      try await options.prepared {
        check.subject = try await CapabilityProbe.complete(check.subject)
        let judged = try await CheckConsole.run(check, scenarios, modes: options.wantedModes)
        if judged.contains(where: isBad) { throw ExitCode(1) }
      }
    }
  }

  private func isBad(_ judged: JudgedCell) -> Bool {
    switch judged.verdict {
    case .pass: false
    case .fail: true
    case .skip: failOnSkip
    }
  }
}
