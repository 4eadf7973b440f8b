// A stored run as Markdown: the table of rates, and beneath it what each cell cost.

enum MarkdownReport {
  static func lines(of run: StoredRun) -> [String] {
    let figures = RunFigures(run)
    var lines = [
      "# \(run.suite): \(run.title)", "", "Run `\(run.id)`, begun \(run.started); \(RunWords.sampling(run)).",
    ]
    lines.append("Compared: \(RunWords.compared(run)).")
    for node in figures.nodes {
      lines += ["", "## \(capitalised(RunWords.node(node.node, run)))", ""]
      lines.append("Thousand I/Os per second, mean ± standard deviation (change).")
      lines.append("")
      lines += rates(node)
      lines += ["", "Latency in µs from submission to completion, over all samples; costs per I/O.", ""]
      lines += costs(node)
    }
    let warnings = RunWords.warnings(run)
    if !warnings.isEmpty { lines += ["", "## Not measured, or not proven", ""] + warnings.map { "- \($0)" } }
    lines += ["", "## Machine", "", "\(run.machine.line); \(run.machine.system)."]
    lines += ["", "```", run.command.joined(separator: " "), "```"]
    return lines
  }

  private static func rates(_ node: RunFigures.NodeFigures) -> [String] {
    var lines = [row(["workload"] + node.columns.map(\.name))]
    lines.append(row(["---"] + node.columns.map { _ in "---:" }))
    for figures in node.rows {
      lines.append(row([figures.workload] + figures.figures.map(rate)))
    }
    return lines
  }

  private static func costs(_ node: RunFigures.NodeFigures) -> [String] {
    let heads = [
      "workload", "column", "p50", "p99", "p99.9", "max", "client µs", "server µs", "switches", "peak MiB",
    ]
    var lines = [row(heads), row(["---", "---"] + heads.dropFirst(2).map { _ in "---:" })]
    for figures in node.rows {
      for (column, figure) in zip(node.columns, figures.figures) where figure.rate != nil {
        let latency = figure.latency.map { [$0.p50, $0.p99, $0.p999, $0.max].map(Figures.micros) }
        lines.append(
          row(
            [figures.workload, column.name] + (latency ?? ["-", "-", "-", "-"]) + [
              Figures.optional(figure.clientMicros, 1), Figures.optional(figure.serverMicros, 1),
              Figures.optional(figure.switches, 2), Figures.mebibytes(figure.peakResident),
            ]))
      }
    }
    return lines
  }

  private static func rate(_ figure: RunFigures.Figure) -> String {
    if figure.failure != nil { return "failed" }
    guard let rate = figure.rate else { return "-" }
    return Figures.rate(rate).replacing("±", with: " ± ") + (figure.isUnproven ? "?" : "")
      + (figure.change.map { " (\(Figures.percent($0)))" } ?? "")
  }

  private static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

  private static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
