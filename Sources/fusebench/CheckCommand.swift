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
      try await options.prepared { try await run(check, scenarios) }
    }
  }

  private func run(_ check: Check, _ scenarios: [Scenario]) async throws {
    let cells = check.cells(scenarios, modes: options.wantedModes)
    let progress = Progress(total: cells.count)
    let report = CheckReport(colours: Progress.wantsColours)
    let width = scenarios.map(\.name.count).max() ?? 0
    let clock = ContinuousClock.now
    var judged: [JudgedCell] = []
    for (index, cell) in cells.enumerated() {
      progress.show(index + 1, cell.label)
      let result = try await check.judge(cell)
      judged.append(result)
      progress.clear()
      print(report.line(result, width: width))
      fflush(nil)
    }
    let time = (ContinuousClock.now - clock).components
    print(report.summary(judged, seconds: Double(time.seconds) + Double(time.attoseconds) / 1e18))
    let bad = judged.contains { judged in
      switch judged.verdict {
      case .pass: false
      case .fail: true
      case .skip: failOnSkip
      }
    }
    if bad { throw ExitCode(1) }
  }
}
