// The figures of a stored run, computed once for every report: rates, changes, costs.

/// A stored run as rows and columns of figures.
public struct RunFigures: Equatable, Sendable {
  /// The rows of one node.
  public struct NodeFigures: Equatable, Sendable {
    /// The node.
    public let node: NodeKind
    /// The columns measured on it, in the run's order. `raw` has no null node.
    public let columns: [Column]
    /// One entry per row, in the run's order.
    public let rows: [RowFigures]
  }

  /// The figures of one row, in the order of `NodeFigures.columns`.
  public struct RowFigures: Equatable, Sendable {
    /// The workload's name.
    public let workload: String
    /// One entry per column.
    public let figures: [Figure]
  }

  /// What one cell comes to.
  public struct Figure: Equatable, Sendable {
    /// I/Os per second; nil when the cell failed or was not reached.
    public let rate: Spread?
    /// By how much the mean differs from the baseline's, as a fraction; nil for the baseline itself,
    /// for `raw`, and where either has no rate.
    public let change: Double?
    /// Why the cell failed.
    public let failure: String?
    /// Whether the transport could not be proven.
    public let isUnproven: Bool
    /// Bytes per second.
    public let bandwidth: Spread?
    /// Latency over all samples.
    public let latency: LatencySummary?
    /// CPU microseconds per I/O of fio, mean of the samples.
    public let clientMicros: Double?
    /// CPU microseconds per I/O of the export, mean of the samples; nil for `raw`.
    public let serverMicros: Double?
    /// Context switches per I/O of the export, mean of the samples.
    public let switches: Double?
    /// The largest resident memory of the export in any sample, in bytes.
    public let peakResident: UInt64?
  }

  /// The nodes measured, in the suite's order.
  public let nodes: [NodeFigures]
  /// The column that changes are against.
  public let baseline: Column?

  /// The figures of `run`.
  public init(_ run: StoredRun) {
    let baseline = run.baseline
    self.baseline = baseline
    var nodes: [NodeKind] = []
    for row in run.rows where !nodes.contains(row.node) { nodes.append(row.node) }
    self.nodes = nodes.map { node in
      let columns = run.columns.filter { column in run.rows.contains { $0.node == node && column.measures($0) } }
      let rows = run.rows.filter { $0.node == node }.map { row in
        let cells = columns.map { run.cell(node: node, workload: row.workload.name, column: $0.name) }
        let base = columns.firstIndex { $0.name == baseline?.name }.flatMap { Self.rate(cells[$0])?.mean }
        return RowFigures(
          workload: row.workload.name,
          figures: zip(columns, cells).map { column, cell in
            Self.figure(cell, against: column.kind == .raw || column.name == baseline?.name ? nil : base)
          })
      }
      return NodeFigures(node: node, columns: columns, rows: rows)
    }
  }

  private static func rate(_ cell: BenchCell?) -> Spread? {
    guard let cell, cell.failure == nil else { return nil }
    return Spread(cell.samples.map(\.value))
  }

  private static func figure(_ cell: BenchCell?, against base: Double?) -> Figure {
    // A failed cell shows nothing that could be taken for a result.
    let samples = cell?.failure == nil ? cell?.samples ?? [] : []
    let servers = samples.compactMap(\.server)
    let rate = rate(cell)
    return Figure(
      rate: rate,
      change: base.flatMap { base in rate.flatMap { Statistics.change(from: base, to: $0.mean) } },
      failure: cell?.failure,
      isUnproven: cell?.proof == .unproven,
      bandwidth: Spread(samples.compactMap(\.io?.bandwidth)),
      latency: samples.isEmpty ? nil : cell?.latency,
      clientMicros: Statistics.mean(samples.compactMap(\.io?.clientMicros)),
      serverMicros: Statistics.mean(servers.map(\.micros)),
      switches: Statistics.mean(servers.compactMap(\.switches)),
      peakResident: servers.compactMap(\.peakResident).max())
  }
}
