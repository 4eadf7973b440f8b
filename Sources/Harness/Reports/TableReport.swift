// Stored runs for a terminal of 80 columns: what was found, in a sentence, then a block of lines for each row.

internal import HarnessStatistics
import Rainbow

/// The report for a terminal. Where a line is cut at 60 columns, the measures at its end go, and no figure.
struct TableReport {
  /// The columns that sentences have at most.
  private var width: Int { min(80, options.columns ?? 80) }

  /// What the table needs beside the runs.
  let options: ReportOptions

  /// The lines of the report.
  func lines(of runs: [StoredRun]) -> [String] {
    guard let first = runs.first else { return ["no runs"] }
    let figures = runs.map(RunFigures.init)
    var lines = RunSentence.text(runs, figures).flatMap { wrapped($0, width: width) }
    if !lines.isEmpty { lines.append("") }
    lines += wrapped("\(unit(runs)), mean ± deviation of \(RunText.sampling(first)).", width: width)
    let grid = grid(runs, figures)
    for (text, row) in zip(grid.lines, grid.rows) {
      // A row's name begins its block.
      if row.count == 1 { lines.append("") }
      lines.append(Terminal.fitted(text, to: options.columns))
    }
    return lines + [""] + foot(runs, figures)
  }

  private func unit(_ runs: [StoredRun]) -> String {
    let metrics = Set(runs.flatMap(\.ownRows).map(\.workload.metric))
    guard metrics.count < 2, let metric = metrics.first else { return "Units as the rows say" }
    let heading = MetricFormat(metric).heading
    return heading.prefix(1).uppercased() + heading.dropFirst()
  }

  // MARK: Rows

  private func grid(_ runs: [StoredRun], _ figures: [RunFigures]) -> TextGrid {
    var grid = TextGrid()
    let isMixed = Set(runs.flatMap(\.ownRows).map(\.workload.metric)).count > 1
    let judges = figures.contains { $0.isJudged }
    for (run, figures) in zip(runs, figures) {
      for section in figures.sections {
        for row in section.rows {
          let unit = isMixed ? ", \(MetricFormat(section.metric).heading)" : ""
          let told = row.detectable.map { "; could tell \(Figures.general(($0 * 100).rounded(.up))) %" } ?? ""
          let suite = runs.count > 1 && run.suite != "transport" ? "\(run.suite), " : ""
          grid.rows.append(["\(suite)\(section.node.rawValue) \(row.workload)\(unit)\(told)"])
          grid.rows += zip(section.columns, row.figures)
            .filter { $0.0.role != .control && $0.0.role != .floor }
            .map { line($0, $1, section, judges: judges) }
        }
      }
    }
    grid.leftColumns = [0, 4, 5]
    if options.colours { grid.paint = Self.painted }
    return grid
  }

  private func line(
    _ column: Column, _ figure: RunFigures.Figure, _ section: RunFigures.Section, judges: Bool
  ) -> [String] {
    let format = MetricFormat(section.metric)
    let comparison = figure.comparison
    let verdict = judges ? comparison.map { format.verdict($0.verdict) } ?? "" : ""
    return [
      "  " + column.name, value(figure, section.metric), comparison?.changeText ?? "",
      comparison.map { $0.intervalText.isEmpty ? "" : "(\($0.intervalText))" } ?? "", verdict,
      section.measures.filter { ![Column.loop.name, Column.nbd.name].contains($0) }.compactMap { name in
        let of = name == Column.floorName ? "the floor" : name
        return figure.shares[name].map { "\(Figures.fixed($0 * 100, 0)) % of \(of)" }
      }.joined(separator: ", "),
    ]
  }

  private func value(_ figure: RunFigures.Figure, _ metric: Metric) -> String {
    if figure.failure != nil { return "failed" }
    let mark = figure.isUnproven ? "?" : ""
    return figure.value.map { MetricFormat(metric).spread($0) + mark } ?? "-"
  }

  private static func painted(_ text: String, _ padded: String) -> String {
    switch text {
    case "faster", "smaller": padded.green
    case "slower", "larger", "failed": padded.red
    case "unsure": padded.yellow
    default: padded
    }
  }

  // MARK: Foot

  private func foot(_ runs: [StoredRun], _ figures: [RunFigures]) -> [String] {
    var remarks = figures.compactMap(RunText.control)
    // What holds for all runs alike (a debug build, say) is said once.
    for warning in runs.flatMap(RunText.warnings) where !remarks.contains(warning) { remarks.append(warning) }
    remarks += figures.compactMap(RunText.costs)
    if figures.contains(where: \.isJudged) {
      remarks.append(RunText.judged(runs[0]))
      remarks += figures.compactMap(RunText.doubts)
    } else if let reason = figures.lazy.compactMap(\.whyNotJudged).first {
      remarks.append("No verdicts: \(reason) (--samples \(RankTest.fewestPairs)).")
    }
    remarks.append("Compared: \(RunText.compared(runs[0])); on \(runs[0].machine.line).")
    return remarks.flatMap { wrapped($0, width: width, indent: "  ") }
  }
}

extension RunFigures {
  /// Whether any comparison could have come to a verdict.
  var isJudged: Bool { allComparisons.contains { $0.detectable != nil || $0.verdict != .unsure } }

  /// Why no comparison could have come to a verdict; nil if there is none.
  var whyNotJudged: String? { allComparisons.lazy.compactMap(\.reason).first }

  private var allComparisons: [Comparison] {
    sections.flatMap(\.rows).flatMap(\.figures).compactMap(\.comparison)
  }
}

extension RunFigures.RowFigures {
  /// The smallest relative difference that the row's samples could have told in every column; nil where they could tell
  /// none.
  var detectable: Double? {
    let all = figures.compactMap(\.comparison).map(\.detectable)
    return all.isEmpty || all.contains(nil) ? nil : all.compactMap(\.self).max()
  }
}
