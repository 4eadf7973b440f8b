// `fusebench history`: all runs that are kept, as trends.

import ArgumentParser
import Harness

/// `fusebench history`.
struct HistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show the trend of every cell over all runs that are kept, and of checks.",
    discussion: """
      Per cell the median of the last run, its change against the run before and against the best, and the last 16 \
      runs as bars from zero. Runs stand together only if suite, budget, size, build and machine agree. A change here \
      is no verdict: 'fusebench compare' gives one. Checks follow, a line each, with the cells whose verdict changed. \
      Exit status: 0 shown, 2 there is no run.
      """)

  @Option(name: .customLong("suite"), help: "Only runs of this suite (may be repeated).")
  var suites: [String] = []

  @Option(help: "The folder that runs are kept in.")
  var results = "results"

  func run() async throws {
    try await orCouldNotRun {
      var runs: [StoredRun] = []
      var refused: [String] = []
      for place in RunFolder.attempts(in: results) {
        do {
          // A folder of a run that holds none says so.
          runs.append(try RunFolder.find(place, in: results).read().readable)
        } catch {
          refused.append("left out: \(TextFormat.visible("\(error)"))")
        }
      }
      if !suites.isEmpty { runs.removeAll { !suites.contains($0.suite) } }
      var checks: [StoredCheck] = []
      for folder in suites.isEmpty ? StoredCheck.folders(in: results) : [] {
        do {
          if let check = try StoredCheck.find(folder, in: results) { checks.append(check) }
        } catch {
          refused.append("left out: \(TextFormat.visible("\(error)"))")
        }
      }
      guard !runs.isEmpty || !checks.isEmpty else {
        throw FileError(
          file: results, message: "holds no run to show; 'fusebench bench' and 'fusebench check' make one")
      }
      if !runs.isEmpty { print(HistoryReport(runs: runs).text, terminator: "") }
      if !runs.isEmpty, !checks.isEmpty { print() }
      if !checks.isEmpty { print(StoredCheckReport.history(checks), terminator: "") }
      for line in refused { print(line) }
    }
  }
}
