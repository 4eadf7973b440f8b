// Rows that differ in one number only: what a curve can be drawn through.

internal import HarnessStatistics

/// Rows of one section that are alike but for one number.
struct Scaling: Equatable {
  /// The number that differs.
  enum Axis: String, CaseIterable {
    case block, depth, jobs, threads
    case queueDepth = "ring depth"
    case readPercent = "per cent of reads"

    /// The number of `row`; nil where the row leaves it to the export.
    func value(_ row: Row) -> Int? {
      switch self {
      case .block: row.workload.block
      case .depth: row.workload.depth
      case .jobs: row.workload.jobs
      case .threads: row.export.threads
      case .queueDepth: row.export.queueDepth
      case .readPercent: row.workload.readPercent
      }
    }

    /// `row` without this number, and without what only names it.
    func rest(_ row: Row) -> Row {
      var rest = row
      rest.workload.name = ""
      rest.workload.quick = true
      switch self {
      case .block: rest.workload.block = 0
      case .depth: rest.workload.depth = 0
      case .jobs: rest.workload.jobs = 0
      case .threads: rest.export.threads = nil
      case .queueDepth: rest.export.queueDepth = nil
      case .readPercent: rest.workload.readPercent = 0
      }
      return rest
    }
  }

  /// What differs.
  let axis: Axis
  /// The section's columns and metric.
  let section: RunFigures.Section
  /// The rows with their numbers, ascending.
  let points: [(value: Int, row: RunFigures.RowFigures)]

  static func == (one: Scaling, other: Scaling) -> Bool {
    one.axis == other.axis && one.section == other.section && one.points.map(\.value) == other.points.map(\.value)
  }

  /// All curves that the rows of `figures` allow: at least three points that differ in one number.
  static func groups(of figures: RunFigures) -> [Scaling] {
    figures.sections.flatMap { section in
      Axis.allCases.flatMap { axis -> [Scaling] in
        var alike: [(rest: Row, points: [(value: Int, row: RunFigures.RowFigures)])] = []
        for row in section.rows {
          guard let value = axis.value(row.row) else { continue }
          let rest = axis.rest(row.row)
          if let place = alike.firstIndex(where: { $0.rest == rest }) {
            alike[place].points.append((value, row))
          } else {
            alike.append((rest, [(value, row)]))
          }
        }
        return alike.filter { Set($0.points.map(\.value)).count >= 3 }.map {
          Scaling(axis: axis, section: section, points: $0.points.sorted { $0.value < $1.value })
        }
      }
    }
  }

  /// The curve in words: what all its rows share.
  var title: String {
    let workload = points[0].row.row.workload
    var parts = ["\(section.node.rawValue), \(workload.pattern.rawValue) \(workload.operation.rawValue)"]
    if axis != .block { parts.append(Figures.size(Int64(workload.block))) }
    if axis != .depth { parts.append("depth \(workload.depth)") }
    if axis != .jobs { parts.append("\(workload.jobs) \(workload.jobs == 1 ? "job" : "jobs")") }
    return "by \(axis.rawValue): " + parts.joined(separator: ", ")
  }
}

/// A scaling curve as a plot.
enum ScalingPlot {
  /// The name of the curve with this number in `run`.
  static func name(_ run: StoredRun, _ number: Int) -> String { "\(run.id)/scaling/\(number)" }

  /// A line for each column through the medians, with whiskers over the medians' intervals.
  static func plot(_ scaling: Scaling, _ run: StoredRun, number: Int, _ inks: ColumnInks) -> Plot {
    let words = MetricFormat(scaling.section.metric)
    var data: [String] = []
    var parts: [String] = []
    for (index, column) in scaling.section.columns.enumerated() where column.role != .control {
      let lines = scaling.points.compactMap { point -> String? in
        guard let value = point.row.figures[index].value else { return nil }
        let ends = RunPlots.interval(run, point.row.row, column, value)
        let numbers = [value.median, ends.lowerBound, ends.upperBound].map { RunPlots.number(words.scaled($0)) }
        return "\(point.value) \(numbers.joined(separator: " "))"
      }
      guard !lines.isEmpty else { continue }
      data += ["$d\(index) << EOD"] + lines + ["EOD"]
      parts.append(
        "$d\(index) using 1:2:3:4 with yerrorlines pointtype 7 pointsize 0.5 linewidth 1.6 "
          + "dashtype \(Plot.Ink.dashType(inks.number(of: column.name))) linecolor rgb \"\(inks.ink(column.name))\"")
    }
    let values = scaling.points.map(\.value)
    let tics = values.map { value in
      "\(Plot.quoted(scaling.axis == .block ? Figures.size(Int64(value)) : "\(value)")) \(value)"
    }
    let isWide = (values.max() ?? 1) >= 8 * max(1, values.min() ?? 1)
    return Plot(
      name: name(run, number), caption: "\(scaling.title); \(words.heading), a line for each column", width: 480,
      height: 300,
      commands: data + (isWide ? ["set logscale x 2"] : []) + [
        "set bars 0.4", "set xtics (\(tics.joined(separator: ", ")))", "set yrange [0:*]", "set ytics autofreq",
        "set grid ytics linecolor rgb \"\(Plot.Ink.line)\" linewidth 0.5", "set offsets graph 0.03, graph 0.03, 0, 0",
        "set xlabel \(Plot.quoted(scaling.axis.rawValue))", "set ylabel \(Plot.quoted(words.short))",
        "unset key",
        parts.isEmpty ? "plot NaN notitle" : "plot " + parts.joined(separator: ", "),
      ])
  }
}
