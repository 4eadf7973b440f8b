// All comparisons of a stored run, and what its A/A control has to say to them.

internal import Glibc

/// The comparisons of a run: every compared column, and the control, against its base, row by row.
package struct RunComparisons: Equatable, Sendable {
  /// A column against its base over all rows of a node that are judged by one metric.
  package struct ColumnMean: Encodable, Equatable, Sendable {
    /// The node.
    package let node: NodeKind
    /// What the rows are judged by; ratios of different metrics do not mix.
    package let metric: Metric
    /// The column.
    package let column: String
    /// The rows that have a comparison.
    package let rows: Int
    /// The geometric mean of the rows' ratios, column / base.
    package let ratio: Double
  }

  private struct Key: Hashable {
    let node: NodeKind
    let workload: String
    let column: String
  }

  private let comparisons: [Key: Comparison]
  /// The rows whose control came out faster or slower than itself, as `file read rand aio ×1`: what else the row says
  /// is `unsure`.
  package let controlDiffers: [String]
  /// A mean per node, metric and compared column, in the order of the table.
  package let geometricMean: [ColumnMean]

  /// The comparisons of `run`; none if it has no baseline.
  package init(_ run: StoredRun) {
    var comparisons: [Key: Comparison] = [:]
    var differing: [String] = []
    var logs: [(node: NodeKind, metric: Metric, column: String, log: Double)] = []
    if let baseline = run.baseline {
      let others = run.columns.filter { $0.name != baseline.name && !$0.isReference }
      let found = Self.judged(run, others)
      for row in run.rows {
        let compared = found[row.title] ?? [:]
        let control = others.first { $0.role == .control && compared[$0.name]?.isDifference == true }
        if control != nil { differing.append(row.title) }
        for column in others {
          guard let comparison = compared[column.name] else { continue }
          let doubt = control.map { "the A/A control '\($0.name)' came out \(compared[$0.name]!.verdict.rawValue)" }
          // The control keeps its verdict: it is what the doubt rests on.
          comparisons[Key(node: row.node, workload: row.workload.name, column: column.name)] =
            column.role == .control ? comparison : doubt.map(comparison.doubted) ?? comparison
          if column.role == .compared {
            logs.append((row.node, row.workload.metric, column.name, Glibc.log(comparison.ratio)))
          }
        }
      }
    }
    self.comparisons = comparisons
    controlDiffers = differing
    geometricMean = Self.means(logs)
  }

  /// The comparison of `column` with the baseline in the row of `workload` on `node`; nil for the baseline itself, for
  /// references, and where a cell failed or has no sample.
  package func of(node: NodeKind, workload: String, column: String) -> Comparison? {
    comparisons[Key(node: node, workload: workload, column: column)]
  }

  /// The comparisons of every row, by its title and the column's name: those of the compared columns judged together,
  /// and those of the control by themselves, since what it answers is another question.
  private static func judged(_ run: StoredRun, _ others: [Column]) -> [String: [String: Comparison]] {
    var found: [String: [String: Comparison]] = [:]
    for row in run.rows { found[row.title] = compare(row, others, in: run) }
    for role in [Column.Role.compared, .control] {
      let names = others.filter { $0.role == role }.map(\.name)
      let places = run.rows.flatMap { row in names.map { (row: row.title, column: $0) } }
        .filter { found[$0.row]?[$0.column] != nil }
      let judged = Comparison.judgedTogether(places.compactMap { found[$0.row]?[$0.column] })
      for (place, comparison) in zip(places, judged) { found[place.row]?[place.column] = comparison }
    }
    return found
  }

  private static func compare(_ row: Row, _ others: [Column], in run: StoredRun) -> [String: Comparison] {
    var compared: [String: Comparison] = [:]
    for column in others {
      guard let against = run.base(of: column),
        let base = run.cell(node: row.node, workload: row.workload.name, column: against.name),
        let cell = run.cell(node: row.node, workload: row.workload.name, column: column.name)
      else { continue }
      let control = run.columns.first { $0.role == .control }
      let isControlled = column.role == .compared && against.name == run.baseline?.name
      let again = isControlled ? control : nil
      compared[column.name] = Comparison(
        base: base,
        control: again.flatMap { run.cell(node: row.node, workload: row.workload.name, column: $0.name) },
        other: cell, metric: row.workload.metric, settings: run.settings)
    }
    return compared
  }

  private static func means(_ logs: [(node: NodeKind, metric: Metric, column: String, log: Double)]) -> [ColumnMean] {
    var means: [ColumnMean] = []
    for entry in logs {
      guard !means.contains(where: { ($0.node, $0.metric, $0.column) == (entry.node, entry.metric, entry.column) })
      else { continue }
      let alike = logs.filter { ($0.node, $0.metric, $0.column) == (entry.node, entry.metric, entry.column) }
      let mean = alike.reduce(0) { $0 + $1.log } / Double(alike.count)
      means.append(
        ColumnMean(
          node: entry.node, metric: entry.metric, column: entry.column, rows: alike.count, ratio: exp(mean)))
    }
    return means
  }
}
