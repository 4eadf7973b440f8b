// `fusebench report`: prints a stored run again.

import ArgumentParser
import Foundation
import Harness

/// `fusebench report`: a stored run as a table, as Markdown or as a commit message.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Print a stored run again.",
    discussion: "Exit status: 0 printed, 1 a cell of the run failed, 2 there is no such run.")

  @Argument(help: "The run: its folder, or its name in --results, or 'last'.")
  var name: String = "last"
  @Option(help: "The folder that runs are kept in.")
  var results = "results"
  @Option(help: "The form.")
  var format: ReportFormat = .table

  func run() throws {
    do {
      let run = try RunFolder.find(name, in: results).read()
      print(format.text(of: run), terminator: "")
      if !run.failures.isEmpty { throw ExitCode(1) }
    } catch let fault as StoreError {
      FileHandle.standardError.write(Data("fusebench report: \(fault)\n".utf8))
      throw ExitCode(2)
    }
  }
}
