// Several kernels side by side: the cells whose verdicts are not the same on all of them.

/// The table of what differs between kernels.
package enum KernelDifferences {
  /// The cells of `results`, one result for each kernel, whose verdicts differ, and the counts of each kernel.
  package static func text(_ results: [CheckResult]) -> String {
    var places: [String: [Int: JudgedCell]] = [:]
    var order: [String] = []
    for (column, result) in results.enumerated() {
      for cell in result.cells {
        let label = cell.cell.label + (result.rounds > 1 ? " \(cell.round)" : "")
        if places[label] == nil { order.append(label) }
        places[label, default: [:]][column] = cell
      }
    }
    var grid = TextGrid(
      rows: [["cell"] + results.map { "Linux \($0.kernel ?? "unknown")" }], leftColumns: Set(0...results.count))
    for label in order {
      let words = results.indices.map { places[label]?[$0].map { word($0.verdict) } ?? "not run" }
      if Set(words).count > 1 { grid.rows.append([label] + words) }
    }
    let differing = grid.rows.count - 1
    let head = "\(TextFormat.count(differing, "cell")) of \(order.count) differ between the kernels"
    guard differing > 0 else { return head + "\n" }
    let reasons = skips(results).map { "  \($0)\n" }.joined()
    return head + "\n" + grid.lines.map { "  \($0)\n" }.joined() + reasons
  }

  private static func word(_ verdict: Verdict) -> String {
    switch verdict {
    case .fail(let reason, _): "fail (\(reason.rawValue))"
    case .pass, .skip, .xfail, .xpass: verdict.word
    }
  }

  /// Why cells were skipped on one kernel and not on all.
  private static func skips(_ results: [CheckResult]) -> [String] {
    results.flatMap { result in
      result.skipReasons.map { "skipped on Linux \(result.kernel ?? "unknown"): \($0.count) × \($0.reason)" }
    }
  }
}
