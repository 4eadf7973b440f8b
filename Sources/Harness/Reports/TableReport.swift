// Stored runs for a terminal: one table of at most 100 columns, rates first, what they cost beside them.

enum TableReport {
  static let width = 100

  /// The rows of one node of one run, under a heading of their own.
  private struct Section {
    let heading: String
    let node: RunFigures.NodeFigures
  }

  static func lines(of runs: [StoredRun]) -> [String] {
    guard let first = runs.first else { return ["no runs"] }
    var lines = runs.flatMap { wrapped("\($0.suite): \($0.title)", width: width, indent: "  ") }
    lines += wrapped(
      "Thousand I/Os per second, mean ± standard deviation of \(RunWords.sampling(first)).", width: width)
    lines.append("")
    let sections = runs.flatMap { run in
      RunFigures(run).nodes.map {
        Section(heading: "\(run.suite), \(RunWords.node($0.node, run))", node: $0)
      }
    }
    lines += table(sections, columns: first.columns, baseline: first.baseline)
    lines.append("")
    var warnings: [String] = []
    // What holds for all runs alike (a debug build, say) is said once.
    for warning in runs.flatMap(RunWords.warnings) where !warnings.contains(warning) { warnings.append(warning) }
    lines += warnings.flatMap { wrapped($0, width: width, indent: "  ") }
    lines += wrapped(
      "Compared: \(RunWords.compared(first)); on \(first.machine.line).", width: width, indent: "  ")
    return lines
  }

  /// Rates and costs side by side, or one above the other where that is too wide.
  private static func table(_ sections: [Section], columns: [Column], baseline: Column?) -> [String] {
    let rates = grid(sections, head: rateHead(columns, baseline)) { rateCells($0, columns, baseline) }
    let costs = grid(sections, head: ["server µs/IO"]) { [cost($0)] }
    var joint = rates
    joint.rows = zip(rates.rows, costs.rows).map { $0 + $1.dropFirst() }
    if joint.width <= width { return headed(joint, sections) }
    return headed(rates, sections) + [""] + headed(costs, sections)
  }

  /// All rows of all sections under one head, so that their columns stand under each other.
  private static func grid(
    _ sections: [Section], head: [String], _ cells: ([(Column, RunFigures.Figure)]) -> [String]
  ) -> TextGrid {
    var grid = TextGrid()
    grid.rows.append([""] + head)
    for section in sections {
      for row in section.node.rows {
        grid.rows.append(["  " + row.workload] + cells(Array(zip(section.node.columns, row.figures))))
      }
    }
    return grid
  }

  /// The grid's lines with each section's heading before its rows.
  private static func headed(_ grid: TextGrid, _ sections: [Section]) -> [String] {
    var rows = grid.lines[...]
    var lines = rows.popFirst().map { [$0] } ?? []
    for section in sections {
      lines += wrapped(section.heading, width: width, indent: "  ")
      lines += rows.prefix(section.node.rows.count)
      rows = rows.dropFirst(section.node.rows.count)
    }
    return lines
  }

  private static func rateHead(_ columns: [Column], _ baseline: Column?) -> [String] {
    columns.flatMap { hasChange($0, baseline) ? [$0.name, ""] : [$0.name] }
  }

  /// One row's rates. A node without one of the columns (`raw` on the null node) leaves its place empty.
  private static func rateCells(
    _ figures: [(Column, RunFigures.Figure)], _ columns: [Column], _ baseline: Column?
  ) -> [String] {
    columns.flatMap { column in
      let figure = figures.first { $0.0.name == column.name }?.1
      let text = figure.map(rate) ?? ""
      return hasChange(column, baseline) ? [text, figure?.change.map(Figures.percent) ?? ""] : [text]
    }
  }

  private static func cost(_ figures: [(Column, RunFigures.Figure)]) -> String {
    figures.filter { $0.0.kind == .export }.map { Figures.optional($0.1.serverMicros, 1) }.joined(
      separator: "/")
  }

  private static func hasChange(_ column: Column, _ baseline: Column?) -> Bool {
    column.role != .reference && column.name != baseline?.name
  }

  private static func rate(_ figure: RunFigures.Figure) -> String {
    if figure.failure != nil { return "failed" }
    return (figure.rate.map(Figures.rate) ?? "-") + (figure.isUnproven && figure.rate != nil ? "?" : "")
  }
}
