// The tables of a page: values, differences, costs.

internal import HarnessStatistics

/// The tables of one run.
struct PageTables {
  let run: StoredRun
  let figures: RunFigures
  let published: [PublishedFigures]

  /// What was measured.
  func values(_ section: RunFigures.Section) -> PageTable {
    let words = MetricFormat(section.metric)
    var rows: [[PageTable.Value]] = []
    for row in section.rows {
      rows.append(
        [PageTable.Value(row.workload)]
          + row.figures.map { figure in
            if figure.failure != nil { return PageTable.Value("failed", style: "bad") }
            guard let value = figure.value else { return PageTable.Value("–") }
            return PageTable.Value(
              words.spread(value).replacing("±", with: " ± ") + (figure.isUnproven ? " ?" : ""), key: value.mean)
          })
    }
    return PageTable(
      caption: "\(words.heading.prefix(1).uppercased() + words.heading.dropFirst()): mean ± standard deviation",
      heads: ["workload"] + section.columns.map(\.name), rows: rows)
  }

  /// What differs from the baseline, and the shares of the references; nil where nothing can be compared.
  func differences(_ section: RunFigures.Section) -> PageTable? {
    let references = section.measures
    let heads =
      ["workload", "column", "change", "95 % interval", "verdict", "pairs", "p"] + references.map { "% of \($0)" }
      + (published.isEmpty ? [] : ["published change"])
    var rows: [[PageTable.Value]] = []
    for row in section.rows {
      for (column, figure) in zip(section.columns, row.figures) where !column.isReference {
        guard figure.value != nil, figure.comparison != nil || !references.isEmpty else { continue }
        rows.append(
          [.init(row.workload), .init(column.name)] + comparison(figure.comparison, section.metric)
            + references.map { name in .number(figure.shares[name].map { $0 * 100 }, 0) }
            + (published.isEmpty ? [] : [published(row.row, column)]))
      }
    }
    return rows.isEmpty
      ? nil : PageTable(caption: "\(RunText.against(run)), row by row", heads: heads, names: 2, rows: rows)
  }

  private func comparison(_ comparison: Comparison?, _ metric: Metric) -> [PageTable.Value] {
    guard let comparison else { return Array(repeating: .init(""), count: 5) }
    let style: String? =
      switch comparison.verdict {
      case .faster: "good"
      case .slower: "bad"
      case .unsure: "unsure"
      case .same: nil
      }
    return [
      .init(comparison.changeText, key: comparison.ratio), .init(comparison.intervalText),
      .init(MetricFormat(metric).verdict(comparison.verdict), style: style),
      .init("\(comparison.pairs)", key: Double(comparison.pairs)),
      .init(comparison.p.map { $0 < 0.001 ? "<0.001" : Figures.fixed($0, 3) } ?? "", key: comparison.p),
    ]
  }

  private func published(_ row: Row, _ column: Column) -> PageTable.Value {
    guard column.role == .compared, let mode = column.mode, let base = figures.baseline?.mode else { return .init("") }
    let ratio = published.lazy.compactMap {
      $0.ratio(node: row.node, workload: row.workload.name, mode: mode, to: base)
    }.first
    return .init(ratio.map { Figures.percent($0 - 1) } ?? "", key: ratio)
  }

  /// Latencies and costs, a line for each cell.
  func costs(_ section: RunFigures.Section) -> PageTable? {
    let words = MetricFormat(section.metric)
    var rows: [[PageTable.Value]] = []
    for row in section.rows {
      for (column, figure) in zip(section.columns, row.figures) {
        guard let value = figure.value else { continue }
        let latency = figure.latency.map { [$0.p50, $0.p99, $0.p999, $0.max] }
        rows.append(
          [
            .init(row.workload), .init(column.name), .init(words.figure(value.median), key: value.median),
            .init(
              "\(value.count)" + (figure.dropped > 0 ? " (\(figure.dropped) dropped)" : ""), key: Double(value.count)),
            .init(figure.bandwidthText ?? "–", key: figure.bandwidth?.mean),
          ]
            + (latency?.map { PageTable.Value(Figures.micros($0), key: Double($0)) }
              ?? Array(repeating: .init("–"), count: 4))
            + [
              .number(figure.clientMicros, 1), .number(figure.serverMicros, 1),
              .init(figure.serverParts ?? "–", key: figure.serverUserMicros), .number(figure.switches, 2),
              .number(figure.costs?.systemCalls, 2), .number(figure.costs?.wakeups, 2),
              .number(figure.costs?.requests, 3),
              .number(figure.peakResident.map { Double($0) / 1_048_576 }, 1),
              .init(figure.channels.isEmpty ? "–" : figure.channelText, key: figure.channels.first?.share),
            ])
      }
    }
    return rows.isEmpty
      ? nil
      : PageTable(
        caption:
          "Latency in µs, over all samples; CPU in µs, context switches, and what the kernel counted (system calls, "
          + "wake-ups, FUSE requests) per I/O; peak memory in MiB",
        heads: [
          "workload", "column", "median", "samples", "MiB/s", "p50", "p99", "p99.9", "max", "client CPU", "server CPU",
          "user+kernel", "switches", "calls", "wake-ups", "requests", "peak", "requests by channel",
        ], names: 2, rows: rows)
  }
}
