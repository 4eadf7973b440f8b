// A stored run for a commit message: 72 columns, one block per node and column, rate ± spread (change).

enum CommitReport {
  static let width = 72

  static func lines(of run: StoredRun) -> [String] {
    let figures = RunFigures(run)
    var lines = wrapped(
      "\(run.suite): \(run.title); I/Os per second, \(RunWords.sampling(run)):", width: width)
    for node in figures.nodes {
      for (index, column) in node.columns.enumerated() {
        let against = column.role != .reference && column.name != figures.baseline?.name ? figures.baseline : nil
        lines += [
          "", "\(node.node.rawValue), \(column.name)\(against.map { " (against \($0.name))" } ?? ""):",
        ]
        lines += block(node.rows, index)
      }
    }
    lines.append("")
    lines += RunWords.warnings(run).flatMap { wrapped($0, width: width, indent: "  ") }
    lines += wrapped("On \(run.machine.line).", width: width)
    lines += wrapped(run.command.joined(separator: " "), width: width - 2, indent: "    ").enumerated().map {
      $0.offset == 0 ? "$ " + $0.element : $0.element
    }
    return lines
  }

  private static func block(_ rows: [RunFigures.RowFigures], _ index: Int) -> [String] {
    var grid = TextGrid(gap: 1)
    for row in rows {
      let figure = row.figures[index]
      let parts: [String]
      if figure.failure != nil {
        parts = ["failed", "", ""]
      } else if let rate = figure.rate {
        let words = Figures.wordyRate(rate).split(separator: " ").map(String.init) + [""]
        parts = [
          words[0] + (figure.isUnproven ? "?" : ""), words[1],
          figure.change.map { "(\(Figures.percent($0)))" } ?? "",
        ]
      } else {
        parts = ["-", "", ""]
      }
      grid.rows.append(["  \(row.workload):"] + parts)
    }
    return grid.lines
  }
}
