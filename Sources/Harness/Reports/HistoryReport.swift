// All stored runs as a history: for every cell its trend, the last run against the one before and against the best.

internal import HarnessStatistics

/// The history of a suite's cells.
package struct HistoryReport: Sendable {
  private let runs: [StoredRun]
  private let width: Int

  /// The history of `runs`, the oldest first, in at most `width` columns.
  package init(runs: [StoredRun], width: Int = 100) {
    self.runs = runs.sorted { $0.started < $1.started }
    self.width = width
  }

  /// The tables, one for each suite and machine; with a line feed at its end.
  package var text: String {
    let groups = grouped
    guard !groups.isEmpty else { return "no runs\n" }
    return Array(groups.map(lines).joined(separator: [""])).joined(separator: "\n") + "\n"
  }

  /// What two runs must share so that their figures can stand in one row.
  private struct Key: Equatable {
    let suite: String
    let build: StoredRun.Build
    let budget: Budget
    let size: Int64
    let machine: [String]

    init(_ run: StoredRun) {
      suite = run.suite
      build = run.build
      budget = run.settings.budget
      size = run.settings.size
      let machine = run.machine
      self.machine = [
        machine.kernel, machine.cpu, "\(machine.cpusOnline)", machine.fio, machine.imageFileSystem,
      ]
    }
  }

  private var grouped: [[StoredRun]] {
    var groups: [(key: Key, runs: [StoredRun])] = []
    for run in runs {
      let key = Key(run)
      if let place = groups.firstIndex(where: { $0.key == key }) {
        groups[place].runs.append(run)
      } else {
        groups.append((key, [run]))
      }
    }
    return groups.map(\.runs)
  }

  private func lines(of runs: [StoredRun]) -> [String] {
    let (first, last) = (runs[0], runs[runs.count - 1])
    let number = runs.count == 1 ? "1 run" : "\(runs.count) runs"
    var lines = wrapped(
      "\(first.suite), \(first.settings.budget.rawValue), \(first.build.rawValue) build: \(number), "
        + "\(first.started) to \(last.started), on \(last.machine.line)", width: width, indent: "  ")
    var grid = TextGrid()
    grid.leftColumns = [0, 1, 6]
    grid.rows.append(["", "column", "unit", "last", "before", "best", "trend"])
    for row in cells(of: runs) { grid.rows.append(row) }
    lines += grid.lines
    return lines
  }

  /// A line for each cell of the newest run that measured it.
  private func cells(of runs: [StoredRun]) -> [[String]] {
    var seen: [(row: Row, column: Column)] = []
    for run in runs.reversed() {
      for row in run.rows {
        for column in run.columns where column.role == .compared && column.hasCell(in: row) {
          let isNew = !seen.contains {
            $0.row.node == row.node && $0.row.workload.name == row.workload.name && $0.column.name == column.name
          }
          if isNew { seen.append((row, column)) }
        }
      }
    }
    return seen.compactMap { row, column in line(row, column, runs) }
  }

  private func line(_ row: Row, _ column: Column, _ runs: [StoredRun]) -> [String]? {
    let metric = row.workload.metric
    let values = runs.compactMap { run -> Double? in
      guard let cell = run.cell(node: row.node, workload: row.workload.name, column: column.name),
        cell.failure == nil
      else { return nil }
      return Statistics.median(cell.samples.map(\.value))
    }
    guard let last = values.last else { return nil }
    let best = metric.moreIsBetter ? values.max() : values.min()
    let before = values.dropLast().last
    func change(_ base: Double?) -> String {
      base.flatMap { Statistics.change(from: $0, to: last) }.map(Figures.percent) ?? ""
    }
    let words = MetricFormat(metric)
    return [
      "  \(row.title)", column.name, words.unit, words.figure(last), change(before),
      values.count > 1 ? change(best) : "", Self.spark(values.suffix(16).map { $0 }),
    ]
  }

  /// Values as a row of bars from nothing to the largest; a trend is told by their heights, not by a stretched scale.
  static func spark(_ values: [Double]) -> String {
    let bars = Array("▁▂▃▄▅▆▇█")
    guard let most = values.max(), most > 0 else { return "" }
    return String(values.map { bars[min(7, max(0, Int(clamping: $0 / most * 8)))] })
  }
}
