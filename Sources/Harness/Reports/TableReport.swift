// A stored run for a terminal: at most 100 columns, rates first, what they cost beside them.

enum TableReport {
  static let width = 100

  static func lines(of run: StoredRun) -> [String] {
    let figures = RunFigures(run)
    var lines = wrapped("\(run.suite): \(run.title); \(RunWords.sampling(run))", width: width)
    for node in figures.nodes {
      lines.append("")
      lines += wrapped(
        "\(RunWords.node(node.node, run)): thousand I/Os per second, mean ± deviation", width: width)
      lines += table(node, figures.baseline)
    }
    lines.append("")
    let warnings = RunWords.warnings(run)
    lines += warnings.flatMap { wrapped($0, width: width, indent: "  ") }
    lines += wrapped(
      "Compared: \(RunWords.compared(run)); on \(run.machine.line).", width: width, indent: "  ")
    return lines
  }

  /// The rates and the costs of a node side by side, or one above the other where that is too wide.
  private static func table(_ node: RunFigures.NodeFigures, _ baseline: Column?) -> [String] {
    let rates = rates(node, baseline)
    let costs = costs(node)
    var joint = rates
    joint.rows = zip(rates.rows, costs.rows).map { $0 + $1.dropFirst() }
    if joint.width <= width { return joint.lines }
    return rates.lines + [""] + costs.lines
  }

  private static func rates(_ node: RunFigures.NodeFigures, _ baseline: Column?) -> TextGrid {
    var grid = TextGrid()
    grid.rows.append(
      ["workload"] + node.columns.flatMap { hasChange($0, baseline) ? [$0.name, ""] : [$0.name] })
    for row in node.rows {
      grid.rows.append(
        [row.workload]
          + zip(node.columns, row.figures).flatMap { column, figure in
            hasChange(column, baseline)
              ? [rate(figure), figure.change.map(Figures.percent) ?? ""] : [rate(figure)]
          })
    }
    return grid
  }

  private static func costs(_ node: RunFigures.NodeFigures) -> TextGrid {
    let exports = node.columns.indices.filter { node.columns[$0].kind == .export }
    var grid = TextGrid()
    grid.rows.append(["workload", "server µs/IO"])
    for row in node.rows {
      let costs = exports.map { Figures.optional(row.figures[$0].serverMicros, 1) }
      grid.rows.append([row.workload, costs.joined(separator: "/")])
    }
    return grid
  }

  private static func hasChange(_ column: Column, _ baseline: Column?) -> Bool {
    column.kind == .export && column.name != baseline?.name
  }

  private static func rate(_ figure: RunFigures.Figure) -> String {
    if figure.failure != nil { return "failed" }
    return (figure.rate.map(Figures.rate) ?? "-") + (figure.isUnproven && figure.rate != nil ? "?" : "")
  }
}
