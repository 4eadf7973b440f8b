// `fusebench report`: a stored run, printed again.

import ArgumentParser
import Foundation
import Harness

/// `fusebench report`.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show a stored run: as a table, a page for a browser, a commit message, data …",
    discussion: """
      Formats: table (a terminal of 100 columns), markdown, commit (72 columns), html (one page with everything in it; \
      its plots need gnuplot), json (docs/schema), csv (a line for every sample and figure), junit, benchstat. \
      Exit status: 0 shown, 1 a cell of the run failed, 2 there is no such run.
      """)

  @Argument(help: "The run: its folder, its run.json, or its name in --results; 'last' is the newest.")
  var name = "last"

  @Option(help: "The folder that runs are kept in.")
  var results = "results"

  @Option(help: "How it is shown: \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
  var format: ReportFormat = .table

  @Option(name: .shortAndLong, help: "The file to write (default: standard output).")
  var output: String?

  @Option(help: "The folder with scenarios, where published figures are (default: the nearest folder 'scenarios').")
  var scenarios: String?

  func run() async throws {
    try await orCouldNotRun {
      let run = try RunFolder.read(name, in: results)
      let text = format.text(of: [run], options: try await ReportOptions.gathered(for: [run], format, scenarios))
      if let output { try OutputFile.write(text, to: output) } else { print(text, terminator: "") }
      if !run.failures.isEmpty { throw ExitCode(1) }
    }
  }
}

extension ReportOptions {
  /// What `format` needs to show `runs` on standard output: colours, plots, published figures.
  static func gathered(
    for runs: [StoredRun], _ format: ReportFormat, _ scenarios: String? = nil
  ) async throws -> ReportOptions {
    ReportOptions(
      colours: Progress.wantsColours,
      drawings: format == .html ? await Gnuplot.draw(RunPlots.all(of: runs)) : [:],
      published: try (try? scenariosFolder(scenarios)).map { try PublishedFigures.all(in: $0 + "/published") } ?? [])
  }
}
