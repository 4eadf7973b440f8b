// A stored run as Markdown: a table of values, one of differences, and beneath them what each cell cost.

internal import HarnessStatistics

enum MarkdownReport {
  static func lines(of run: StoredRun, _ options: ReportOptions) -> [String] {
    let figures = RunFigures(run)
    var lines = [
      "# \(escaped(run.suite)): \(escaped(run.title))", "",
      "Run \(code(run.id)), begun \(escaped(run.started)); \(RunText.sampling(run)).",
    ]
    lines.append("Compared: \(escaped(RunText.compared(run))).")
    let means = RunText.means(run, figures) + [RunText.control(figures), RunText.doubts(figures)].compactMap(\.self)
    if !means.isEmpty { lines += [""] + means.map { "- \(escaped($0))" } }
    for section in figures.sections {
      lines += ["", "## \(capitalised(RunText.node(section.node, run)))", ""]
      lines.append("\(capitalised(MetricFormat(section.metric).heading)); mean ± standard deviation.")
      lines.append("")
      lines += values(section)
      let differences = differences(section, figures, run, options)
      if !differences.isEmpty { lines += ["", RunText.judged(run), ""] + differences }
      let costs = costs(section)
      if !costs.isEmpty {
        lines += ["", "Latency in µs from submission to completion, over all samples; costs per I/O.", ""] + costs
      }
    }
    for source in options.published(for: run) {
      lines += [
        "",
        "Published changes are \(escaped(source.title)), \(escaped(source.source)): other people's machines, so only "
          + "the ratio between two columns can be compared with ours.",
      ]
    }
    let warnings = RunText.warnings(run)
    if !warnings.isEmpty {
      lines += ["", "## Not measured, or not proven", ""] + warnings.map { "- \(escaped($0))" }
    }
    lines += ["", "## Machine", "", "\(escaped(run.machine.line)); \(escaped(run.machine.system))."]
    let command = TextFormat.shellLine(run.command)
    // Readers that know no code would take a tag in it for one.
    guard !command.contains("<") else { return lines + ["", escaped(command)] }
    let fence = MarkdownText.fence(around: command)
    lines += ["", fence, command, fence]
    return lines
  }

  private static func values(_ section: RunFigures.Section) -> [String] {
    let words = MetricFormat(section.metric)
    var lines = [row(["workload"] + section.columns.map(\.name))]
    lines.append(rule(1, section.columns.count))
    for figures in section.rows {
      lines.append(
        row(
          [figures.workload]
            + figures.figures.map { figure in
              if figure.failure != nil { return "failed" }
              return figure.value.map {
                words.spread($0).replacing("±", with: " ± ") + (figure.isUnproven ? "?" : "")
              } ?? "-"
            }))
    }
    return lines
  }

  private static func differences(
    _ section: RunFigures.Section, _ figures: RunFigures, _ run: StoredRun, _ options: ReportOptions
  ) -> [String] {
    let words = MetricFormat(section.metric)
    let references = section.measures
    let sources = options.published(for: run)
    var heads = ["workload", "column", "change", "95 % interval", "verdict", "pairs"]
    heads += references.map { "% of \($0)" } + (sources.isEmpty ? [] : ["published change"])
    var lines: [String] = []
    for rowFigures in section.rows {
      for (column, figure) in zip(section.columns, rowFigures.figures) where !column.isReference {
        guard figure.value != nil, figure.comparison != nil || !references.isEmpty else { continue }
        let comparison = figure.comparison
        var cells = [rowFigures.workload, column.name]
        cells += [
          comparison?.changeText ?? "", comparison?.intervalText ?? "",
          comparison.map { words.verdict($0.verdict) } ?? "", comparison.map { "\($0.pairs)" } ?? "",
        ]
        cells += references.map { name in figure.shares[name].map { Figures.fixed($0 * 100, 0) } ?? "" }
        if !sources.isEmpty { cells.append(published(sources, rowFigures.row, column, figures.baseline)) }
        lines.append(row(cells))
      }
    }
    return lines.isEmpty ? [] : [row(heads), rule(2, heads.count - 2)] + lines
  }

  private static func published(
    _ sources: [PublishedFigures], _ row: Row, _ column: Column, _ baseline: Column?
  ) -> String {
    guard column.role == .compared, let mode = column.mode, let base = baseline?.mode else { return "" }
    let ratio = sources.lazy.compactMap {
      $0.ratio(node: row.node, workload: row.workload.name, mode: mode, to: base)
    }.first
    return ratio.map { Figures.percent($0 - 1) } ?? ""
  }

  private static func costs(_ section: RunFigures.Section) -> [String] {
    let heads = [
      "workload", "column", "median", "n", "MiB/s", "p50", "p99", "p99.9", "max", "client µs", "server µs",
      "user+kernel", "switches", "calls", "wake-ups", "requests", "peak MiB", "requests by channel",
    ]
    var lines: [String] = []
    for figures in section.rows {
      for (column, figure) in zip(section.columns, figures.figures) {
        guard let value = figure.value else { continue }
        let latency = figure.latency.map { [$0.p50, $0.p99, $0.p999, $0.max].map(Figures.micros) }
        lines.append(
          row(
            [figures.workload, column.name, MetricFormat(section.metric).figure(value.median), "\(value.count)"]
              + [figure.bandwidthText ?? "-"] + (latency ?? ["-", "-", "-", "-"]) + [
                Figures.optional(figure.clientMicros, 1), Figures.optional(figure.serverMicros, 1),
                figure.serverParts ?? "-", Figures.optional(figure.switches, 2),
                Figures.optional(figure.costs?.systemCalls, 2), Figures.optional(figure.costs?.wakeups, 2),
                Figures.optional(figure.costs?.requests, 3),
                Figures.mebibytes(figure.peakResident), figure.channels.isEmpty ? "-" : figure.channelText,
              ]))
      }
    }
    return lines.isEmpty ? [] : [row(heads), rule(2, heads.count - 2)] + lines
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.map(escaped).joined(separator: " | ") + " |"
  }

  private static func rule(_ left: Int, _ right: Int) -> String {
    "| " + (Array(repeating: "---", count: left) + Array(repeating: "---:", count: right)).joined(separator: " | ")
      + " |"
  }

  private static func escaped(_ text: String) -> String { MarkdownText.escaped(text) }

  private static func code(_ text: String) -> String { MarkdownText.code(text) }

  private static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
