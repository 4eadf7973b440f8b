// `fusebench init`: what a program asked the kernel for, what it got, and what follows.

import ArgumentParser
import Harness

/// `fusebench init`.
struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Look at INIT: which flags and limits an export asked for and got.",
    discussion: """
      The program is started once under strace, and the two messages are read from what passes between it and the \
      kernel, never from its version. Exit status: 0 INIT was seen, 2 it could not be looked at.
      """)

  @OptionGroup var options: HarnessOptions

  @Flag(help: "Start the export with growable=on.")
  var growable = false

  @Flag(help: "Start the export read-only.")
  var readOnly = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard !(growable && readOnly) else { throw ValidationError("--growable needs a writable export") }
  }

  func run() async throws {
    try await orCouldNotRun {
      let subject = try options.loadSubject()
      if let fault = Machine.cannotMount { throw fault }
      var settings = ExportSettings()
      settings.size = 1 << 20
      settings.growable = growable
      settings.writable = !readOnly
      try await options.prepared {
        // Without --mode the first that it serves: the program is looked at, not the transports compared.
        let mode = options.modes.first ?? subject.modes.first ?? .legacy
        try await StartCheck.run(subject, mode: mode)
        let result = try await InitProbe.look(subject, mode: mode, settings: settings)
        print(
          json ? InitReport.json(result, subject: subject.name) : InitReport.text(result, subject: subject.name),
          terminator: "")
      }
    }
  }
}
