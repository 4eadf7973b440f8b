// `fusebench report`: a stored run, printed again.

import ArgumentParser
import Foundation
import Harness

/// `fusebench report`.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show a stored run or check: as a table, a page for a browser, a commit message, data …",
    discussion: """
      Formats: table (a terminal of 80 columns, or fewer), markdown, commit (72 columns), html (one page with \
      everything in it; its plots need gnuplot), json (docs/schema), csv (a line for every sample and figure), junit, \
      benchstat. A check has table, markdown, html, json, junit and tap. \
      Exit status: 0 shown, 1 a cell of it failed, 2 there is no such run or check.
      """)

  @Argument(
    help: """
      The run or check: its folder, its file, or its name in --results; 'last' is the newest run, 'last-check' the \
      newest check.
      """)
  var name = "last"

  @Option(help: "The folder that runs are kept in.")
  var results = "results"

  @Option(help: "How it is shown: \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")), tap.")
  var format = "table"

  @Option(name: .shortAndLong, help: "The file to write (default: standard output).")
  var output: String?

  @Option(help: "The folder with scenarios, where published figures are (default: the nearest folder 'scenarios').")
  var scenarios: String?

  func run() async throws {
    try await orCouldNotRun {
      try OutputFile.check(output)
      if let check = try StoredCheck.find(name, in: results) { return try show(check) }
      let format = try runFormat()
      let run = try RunFolder.read(name, in: results)
      var options = try await ReportOptions.gathered(for: [run], format, scenarios)
      // A file has no colours, whatever terminal the command was typed at.
      if output != nil { (options.colours, options.columns) = (false, nil) }
      let text = format.text(of: [run], options: options)
      if let output { try OutputFile.write(text, to: output) } else { print(text, terminator: "") }
      if !run.failures.isEmpty { throw ExitCode(1) }
    }
  }

  func validate() throws {
    if StoredCheckFormat(rawValue: format) == nil { _ = try runFormat() }
  }

  private func runFormat() throws -> ReportFormat {
    if let known = ReportFormat(rawValue: format) { return known }
    let words = ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")
    throw ValidationError("there is no format '\(format)' for a run; there are \(words), and tap for a check")
  }

  /// Shows a stored check.
  private func show(_ check: StoredCheck) throws {
    guard let format = StoredCheckFormat(rawValue: format) else {
      let words = StoredCheckFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw FileError(file: name, message: "is a check, which has no format '\(format)'; there are \(words)")
    }
    let text = try format.text(of: check)
    if let output { try OutputFile.write(text, to: output) } else { print(text, terminator: "") }
    if check.hasFailed { throw ExitCode(1) }
  }
}

extension ReportOptions {
  /// What `format` needs to show `runs` on standard output: colours, plots, published figures, width.
  static func gathered(
    for runs: [StoredRun], _ format: ReportFormat, _ scenarios: String? = nil
  ) async throws -> ReportOptions {
    ReportOptions(
      colours: Progress.wantsColours,
      drawings: format == .html ? await Gnuplot.draw(RunPlots.all(of: runs)) : [:],
      published: try (try? scenariosFolder(scenarios)).map { try PublishedFigures.all(in: $0 + "/published") } ?? [],
      columns: Terminal.columns)
  }
}
