// Two sides beside each other as text: every row with its change, how sure that is, and the verdict.

/// Text of a gate or a comparison of two sides.
public enum SideReport {
  /// The lines of `result`, under `heading`; with a line feed at the end.
  public static func text(_ result: GateResult, heading: String) -> String {
    var grid = TextGrid()
    grid.leftColumns = [0, 1, 6]
    grid.rows = [["", "", "change", "95 % interval", "p", "n", "verdict"]]
    grid.rows += result.rows.map { row in
      [row.title, row.column] + figures(row.comparison) + [verdict(row)]
    }
    var lines = wrapped(heading, width: 100) + [""] + grid.lines + [""]
    for row in result.rows {
      guard let reason = row.reason else { continue }
      lines += wrapped("unsure: \(row.title), \(row.column): \(reason)", width: 100, indent: "  ")
    }
    lines += wrapped(summary(result), width: 100, indent: "  ")
    return lines.map { $0 + "\n" }.joined()
  }

  private static func figures(_ comparison: Comparison?) -> [String] {
    guard let comparison else { return ["-", "", "", ""] }
    let interval = comparison.interval.map {
      "\(Figures.percent($0.lowerBound - 1)) … \(Figures.percent($0.upperBound - 1))"
    }
    return [
      Figures.percent(comparison.ratio - 1), interval ?? "-", Figures.optional(comparison.p, 3),
      "\(comparison.pairs)",
    ]
  }

  private static func verdict(_ row: ComparedRow) -> String {
    guard row.verdict == .slower, let again = row.confirmation else { return row.verdict.rawValue }
    return "slower, and \(Figures.percent(again.ratio - 1)) again"
  }

  private static func summary(_ result: GateResult) -> String {
    let method =
      result.rows.contains { $0.comparison?.method == .unpaired }
      ? "The two runs were measured apart: unpaired rank tests, judged together; what changed on the machine "
        + "between them is in the figures."
      : "Measured in turns in one run: paired rank tests."
    let counts = SpeedVerdict.allCases.compactMap { verdict in
      let count = result.rows.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(verdict.rawValue)"
    }
    return "Verdict: \(result.verdict.rawValue) (\(counts.joined(separator: ", ")); differences up to "
      + "\(Figures.optional(result.limit * 100, 0)) % count as none). \(method)"
  }
}
