// `fusebench report`: a stored run, printed again.

import ArgumentParser
import Harness

/// `fusebench report`.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Print a stored run again, as a table, as Markdown or as a commit message.",
    discussion: "Exit status: 0 printed, 1 a cell of the run failed, 2 there is no such run.")

  @Argument(help: "The run: its folder, or its name in --results; 'last' is the newest.")
  var name = "last"

  @Option(help: "The folder that runs are kept in.")
  var results = "results"

  @Option(help: "How it is printed: table, markdown, commit.")
  var format: ReportFormat = .table

  func run() async throws {
    try await orCouldNotRun {
      let run = try RunFolder.find(name, in: results).read()
      print(format.text(of: run), terminator: "")
      if !run.failures.isEmpty { throw ExitCode(1) }
    }
  }
}
