// The figures of a stored run, computed once for every report: values, comparisons, shares, costs.

package import HarnessStatistics

/// A stored run as rows and columns of figures.
package struct RunFigures: Equatable, Sendable {
  /// The rows of one node that are judged by one metric; a table of a report.
  package struct Section: Equatable, Sendable {
    /// The node.
    package let node: NodeKind
    /// What the rows are judged by.
    package let metric: Metric
    /// The columns measured in it, in the run's order.
    package let columns: [Column]
    /// One entry per row, in the run's order.
    package let rows: [RowFigures]

    /// What its references are called as measures, each once.
    var measures: [String] {
      columns.filter { $0.isReference }.map(\.referenceName).reduce(into: []) { names, name in
        if !names.contains(name) { names.append(name) }
      }
    }
  }

  /// The figures of one row, in the order of `Section.columns`.
  package struct RowFigures: Equatable, Sendable {
    /// The row.
    package let row: Row
    /// One entry per column.
    package let figures: [Figure]

    /// The workload's name.
    package var workload: String { row.workload.name }
  }

  /// How much came over one channel of an export.
  package struct ChannelShare: Codable, Equatable, Sendable {
    /// The channel: `device.0`, `queue.1`.
    package let channel: String
    /// Its share (0…1) of the reads and writes.
    package let share: Double
  }

  /// What one cell comes to.
  package struct Figure: Equatable, Sendable {
    /// What the row is judged by, in the unit of its metric; nil when the cell failed or was not reached.
    package let value: Spread?
    /// How the column differs from the baseline; nil for the baseline itself, for references, and where either has
    /// no value.
    package let comparison: Comparison?
    /// The means of the value as fractions of the references' in the same row, by the reference's name; empty for
    /// references.
    package let shares: [String: Double]
    /// Why the cell failed.
    package let failure: String?
    /// Samples thrown away because the machine was disturbed.
    package let dropped: Int
    /// Whether the transport could not be proven.
    package let isUnproven: Bool
    /// Bytes per second.
    package let bandwidth: Spread?
    /// Latency over all samples.
    package let latency: LatencySummary?
    /// CPU microseconds per I/O of the client, mean of the samples.
    package let clientMicros: Double?
    /// CPU microseconds per I/O of the export, mean of the samples; nil for `raw`.
    package let serverMicros: Double?
    /// The part of that in user mode.
    package let serverUserMicros: Double?
    /// The part of that in the kernel.
    package let serverSystemMicros: Double?
    /// The share (0…1) of all samples' reads and writes that came over each channel, the busiest first; none without
    /// any.
    package let channels: [ChannelShare]
    /// Context switches per I/O of the export, mean of the samples.
    package let switches: Double?
    /// The largest resident memory of the export in any sample, in bytes.
    package let peakResident: UInt64?
    /// What the kernel counted of the server; nil where it was not counted.
    package let costs: KernelCosts?

    /// What server CPU is made of: `2.0+4.5`, user and kernel; nil where there is none.
    var serverParts: String? {
      guard let user = serverUserMicros, let system = serverSystemMicros else { return nil }
      return "\(Figures.fixed(user, 1))+\(Figures.fixed(system, 1))"
    }

    /// Bytes per second in MiB: `410.2 ± 7.5`; nil where the row moves none.
    var bandwidthText: String? {
      guard let bandwidth, bandwidth.mean > 0 else { return nil }
      func text(_ bytes: Double) -> String { Figures.fixed(bytes / 1_048_576, 1) }
      return text(bandwidth.mean) + (bandwidth.deviation.map { " ± \(text($0))" } ?? "")
    }

    /// Where requests came: `queue.0 67 %, queue.1 33 %`, at most four of them.
    var channelText: String {
      TextFormat.first(4, of: channels.map { "\($0.channel) \(Figures.fixed($0.share * 100, 0)) %" })
    }
  }

  /// The nodes and metrics measured, in the suite's order.
  package let sections: [Section]
  /// The column that changes are against.
  package let baseline: Column?
  /// All comparisons of the run.
  package let comparisons: RunComparisons

  /// The figures of `run`.
  package init(_ run: StoredRun) {
    let comparisons = RunComparisons(run)
    self.baseline = run.baseline
    self.comparisons = comparisons
    var kinds: [(node: NodeKind, metric: Metric)] = []
    let own = run.ownRows
    for row in own where !kinds.contains(where: { $0 == (row.node, row.workload.metric) }) {
      kinds.append((row.node, row.workload.metric))
    }
    sections = kinds.map { node, metric in
      let rows = own.filter { $0.node == node && $0.workload.metric == metric }
      let columns = run.columns.filter { column in rows.contains { column.hasCell(in: $0) } }
      return Section(
        node: node, metric: metric, columns: columns,
        rows: rows.map { Self.figures(of: $0, columns, run, comparisons) })
    }
  }

  private static func figures(
    of row: Row, _ columns: [Column], _ run: StoredRun, _ comparisons: RunComparisons
  ) -> RowFigures {
    let name = row.workload.name
    let cells = columns.map { run.cell(node: row.node, workload: name, column: $0.name) }
    func shares(of column: Column) -> [String: Double] {
      var references: [String: Double] = [:]
      for (reference, cell) in zip(columns, cells) where !column.isReference && reference.isReference(for: column) {
        references[reference.referenceName] = value(of: cell)?.mean
      }
      return references
    }
    return RowFigures(
      row: row,
      figures: zip(columns, cells).map { column, cell in
        figure(
          cell, comparison: comparisons.of(node: row.node, workload: name, column: column.name),
          references: shares(of: column))
      })
  }

  private static func channels(_ servers: [ServerCost]) -> [ChannelShare] {
    var counts: [String: Double] = [:]
    for server in servers { counts.merge((server.channels ?? [:]).mapValues(Double.init), uniquingKeysWith: +) }
    let all = counts.values.reduce(0, +)
    return counts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { ChannelShare(channel: $0.key, share: $0.value / all) }
  }

  private static func value(of cell: BenchCell?) -> Spread? {
    guard let cell, cell.failure == nil else { return nil }
    return Spread(cell.samples.map(\.value))
  }

  private static func figure(
    _ cell: BenchCell?, comparison: Comparison?, references: [String: Double]
  ) -> Figure {
    // A failed cell shows nothing that could be taken for a result.
    let samples = cell?.failure == nil ? cell?.samples ?? [] : []
    let servers = samples.compactMap(\.server)
    let value = value(of: cell)
    return Figure(
      value: value,
      comparison: value == nil ? nil : comparison,
      shares: value.map { value in references.filter { $0.value != 0 }.mapValues { value.mean / $0 } } ?? [:],
      failure: cell?.failure,
      dropped: cell?.dropped.count ?? 0,
      isUnproven: cell?.proof == .unproven,
      bandwidth: Spread(samples.compactMap(\.io?.bandwidth)),
      latency: samples.isEmpty ? nil : cell?.latency,
      clientMicros: Statistics.mean(samples.compactMap(\.io?.clientMicros)),
      serverMicros: Statistics.mean(servers.map(\.micros)),
      serverUserMicros: Statistics.mean(servers.map(\.userMicros)),
      serverSystemMicros: Statistics.mean(servers.map(\.systemMicros)), channels: channels(servers),
      switches: Statistics.mean(servers.compactMap(\.switches)),
      peakResident: servers.compactMap(\.peakResident).max(), costs: cell?.failure == nil ? cell?.costs : nil)
  }
}
