// Two sides beside each other as text: every row with its change, how sure that is, and the verdict.

/// Text of a gate or a comparison of two sides.
package enum ComparisonReport {
  /// The lines of `result`, under `heading`; with a line feed at the end.
  package static func text(_ result: GateResult, heading: String) -> String {
    var grid = TextGrid()
    grid.leftColumns = [0, 1, 8]
    grid.rows = [["row", "column", "before", "after", "change", "95 % interval", "p", "n", "verdict"]]
    grid.rows += result.rows.map { row in
      [row.title, row.column] + medians(row) + figures(row.comparison) + [verdict(row)]
    }
    // Too long names would break the lines; the medians are the ones that a reader can do without.
    if grid.width > width {
      grid.rows = grid.rows.map { Array($0[..<2] + $0[4...]) }
      grid.leftColumns = [0, 1, 6]
    }
    var lines = wrapped(heading, width: width) + [""] + grid.lines + [""]
    lines += doubts(result).flatMap { wrapped($0, width: width, indent: "  ") }
    lines += again(result).flatMap { wrapped($0, width: width, indent: "  ") } ?? []
    lines += wrapped(summary(result), width: width, indent: "  ")
    return lines.map { $0 + "\n" }.joined()
  }

  private static let width = 100

  /// The medians of both sides with their unit: `30.8 k`.
  private static func medians(_ row: ComparedRow) -> [String] {
    guard let medians = row.medians else { return ["-", "-"] }
    let words = MetricFormat(row.metric)
    return [medians.before, medians.after].map { "\(words.figure($0)) \(words.unit)" }
  }

  /// Why rows are unsure: a line for each reason, with the rows that have it.
  private static func doubts(_ result: GateResult) -> [String] {
    var reasons: [(reason: String, rows: [String])] = []
    for row in result.rows {
      guard let reason = row.reason else { continue }
      if let place = reasons.firstIndex(where: { $0.reason == reason }) {
        reasons[place].rows.append(row.name)
      } else {
        reasons.append((reason, [row.name]))
      }
    }
    return reasons.map { "unsure: \(TextFormat.first(3, of: $0.rows)): \($0.reason)" }
  }

  /// Which rows were measured once more because they came out slower, and what became of them; nil if none was.
  private static func again(_ result: GateResult) -> String? {
    let rows = result.rows.filter { $0.confirmation != nil }
    guard !rows.isEmpty else { return nil }
    let slower = rows.count { $0.verdict == .slower }
    return "slower, so measured once more: \(TextFormat.first(3, of: rows.map(\.name))); "
      + "slower again: \(slower) of \(rows.count)"
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
    let words = MetricFormat(row.metric).verdict(row.verdict)
    guard row.verdict == .slower, let again = row.confirmation else { return words }
    return "\(words), and \(Figures.percent(again.ratio - 1)) again"
  }

  private static func summary(_ result: GateResult) -> String {
    let methods =
      result.rows.contains { $0.comparison?.method == .unpaired }
      ? "The two runs were measured apart: unpaired rank tests, judged together; what changed on the machine "
        + "between them is in the figures."
      : "Measured in turns in one run: paired rank tests."
    let counts = SpeedVerdict.allCases.compactMap { verdict in
      let count = result.rows.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(verdict.rawValue)"
    }
    return "Verdict: \(result.verdict.rawValue) (\(counts.joined(separator: ", ")); differences up to "
      + "\(Figures.general(result.limit * 100)) % count as none). \(methods)"
  }
}
