// The table of `check --list`.

/// The cells that a check would run, and what would be skipped.
package enum CellTable {
  /// Name, mode and, where a cell cannot run here, why; a line each, in the order of `plan`.
  package static func text(_ plan: CheckPlan) -> String {
    let names = plan.entries.map(\.cell.scenario.name.count).max() ?? 0
    return plan.entries.map { entry in
      let mode = entry.cell.mode.rawValue
      let skip = CellRunner.missing(for: entry.cell)
      let line = skip.map { "\(mode.padded(to: 11))  skip: \($0)" } ?? mode
      return "\(entry.cell.scenario.name.padded(to: names))  \(line)\n"
    }.joined()
  }
}
