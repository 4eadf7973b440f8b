// Shows a check at work: a line per cell as soon as it is judged, then the summary.

import Glibc
import Harness

/// Runs a check and prints its report.
enum CheckConsole {
  /// Judges every one of `scenarios` in every one of `modes`.
  /// - Throws: what `Check.judge` throws.
  static func run(_ check: Check, _ scenarios: [Scenario], modes: [Mode]) async throws -> [JudgedCell] {
    let cells = check.cells(scenarios, modes: modes)
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
    return judged
  }
}
