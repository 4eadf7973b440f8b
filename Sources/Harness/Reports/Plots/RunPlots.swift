// Which plots a page shows of a run, and under which names.

internal import HarnessStatistics

/// The plots of stored runs.
package enum RunPlots {
  /// All plots of the page of `runs`.
  package static func all(of runs: [StoredRun]) -> [Plot] {
    let inks = ColumnInks(runs)
    return runs.flatMap { run -> [Plot] in
      let figures = RunFigures(run)
      return figures.sections.enumerated().flatMap { place, section in
        [ratio(run, figures, place, inks)].compactMap(\.self)
          + section.rows.indices.flatMap { row in
            [bars(run, section, place, row, inks), curves(run, section, place, row, inks)].compactMap(\.self)
          }
      } + Scaling.groups(of: figures).enumerated().map { ScalingPlot.plot($0.element, run, number: $0.offset, inks) }
    }
  }

  /// The name of the plot of all ratios of a section.
  static func ratioName(_ run: StoredRun, _ section: Int) -> String { "\(run.id)/\(section)/ratio" }

  /// The name of the bars of a row.
  static func barsName(_ run: StoredRun, _ section: Int, _ row: Int) -> String { "\(run.id)/\(section)/\(row)/bars" }

  /// The name of the latency curves of a row.
  static func curvesName(_ run: StoredRun, _ section: Int, _ row: Int) -> String {
    "\(run.id)/\(section)/\(row)/curves"
  }

  // MARK: Bars

  /// A bar for each column up to its median, with a whisker over the median's interval.
  private static func bars(
    _ run: StoredRun, _ section: RunFigures.Section, _ place: Int, _ row: Int, _ inks: ColumnInks
  ) -> Plot? {
    let words = MetricFormat(section.metric)
    let figures = section.rows[row]
    let shown = zip(section.columns, figures.figures).filter { $0.0.hasCell(in: figures.row) }
    guard shown.contains(where: { $0.1.value != nil }) else { return nil }
    var data: [String] = []
    var parts: [String] = []
    for (index, (column, figure)) in shown.enumerated() {
      guard let value = figure.value else { continue }
      let ends = interval(run, figures.row, column, value)
      let numbers = [value.median, ends.lowerBound, ends.upperBound].map { number(words.scaled($0)) }
      data += ["$d\(index) << EOD", "\(index) \(numbers.joined(separator: " "))", "EOD"]
      parts.append(
        "$d\(index) using 2:1:(0):2:($1-0.36):($1+0.36) with boxxyerror fillstyle solid 1 noborder "
          + "linecolor rgb \"\(inks.ink(column.name))\"")
    }
    for index in shown.indices where shown[index].1.value != nil {
      parts.append(
        "$d\(index) using 2:1:3:4 with xerrorbars pointtype 0 linewidth 1.2 linecolor rgb \"\(Plot.Ink.text)\"")
    }
    let most = shown.compactMap { column, figure in
      figure.value.map { interval(run, figures.row, column, $0).upperBound }
    }.max()
    let names = shown.enumerated().map { "\(Plot.label($0.element.0.name)) \($0.offset)" }
    return Plot(
      name: barsName(run, place, row),
      caption:
        "\(section.node.rawValue) \(figures.workload): \(words.heading), a bar for each column, "
        + "with the 95 % interval of its median",
      width: width(shown.map(\.0.name)), height: 62 + 20 * shown.count,
      commands: data + [
        "set bars 0.5", "unset key", "set ytics (\(names.joined(separator: ", ")))",
        "set yrange [\(Double(shown.count) - 0.45):-0.55]", "set xrange [0:*]", "set xtics autofreq",
        "set format x '%.6g'", "set xlabel \(Plot.quoted(words.short))",
        "set xtics 0,\(step(most.map(words.scaled) ?? 1))",
        "plot " + parts.joined(separator: ", "),
      ])
  }

  /// The width of a small plot: one whose names are long is wider, so that they are whole and its bars can be told.
  private static func width(_ names: [String]) -> Int {
    (names.map(\.count).max() ?? 0) > Plot.shortLabel ? 480 : 340
  }

  /// A round distance that gives an axis from 0 to `most` about four marks.
  static func step(_ most: Double) -> String {
    guard most > 0, most.isFinite else { return "1" }
    var unit = 1.0
    while unit * 10 <= most / 4 { unit *= 10 }
    while unit > most / 4 { unit /= 10 }
    let step = [5.0, 2, 1].map { $0 * unit }.first { $0 <= most / 3 } ?? unit
    return number(step)
  }

  /// The 95 % bootstrap interval of the median of `column` in `row`; the median alone where there are too few samples
  /// for one.
  static func interval(_ run: StoredRun, _ row: Row, _ column: Column, _ value: Spread) -> ClosedRange<Double> {
    let (node, workload) = (row.node.rawValue, row.workload.name)
    let cell = run.cell(node: row.node, workload: workload, column: column.name)
    // Every drawing of a run shows the same interval, on every day.
    var random = SeededNumbers(seed: run.settings.seed, purpose: "\(node)/\(workload)/\(column.name)")
    return Bootstrap.interval(ofMedian: cell?.samples.map(\.value) ?? [], from: &random)
      ?? (value.median.isNaN ? 0...0 : value.median...value.median)
  }

  // MARK: Ratios

  /// Mode against mode: every compared column's ratio to the baseline with its interval.
  private static func ratio(
    _ run: StoredRun, _ figures: RunFigures, _ place: Int, _ inks: ColumnInks
  ) -> Plot? {
    let section = figures.sections[place]
    let columns = section.columns.enumerated().filter { !$0.element.isReference }
      .filter { column in section.rows.contains { $0.figures[column.offset].comparison != nil } }
    guard !columns.isEmpty else { return nil }
    var names: [String] = []
    var data: [String] = []
    var parts: [String] = []
    let pitch = 1.0 / Double(columns.count + 1)
    for (row, rowFigures) in section.rows.enumerated() {
      names.append("\(Plot.label(rowFigures.workload)) \(row)")
    }
    for (index, column) in columns.enumerated() {
      data.append("$d\(index) << EOD")
      for (row, rowFigures) in section.rows.enumerated() {
        guard let comparison = rowFigures.figures[column.offset].comparison, comparison.ratio > 0 else { continue }
        let y = Double(row) - 0.5 + pitch * Double(index + 1)
        let low = max(comparison.interval?.lowerBound ?? comparison.ratio, comparison.ratio / 1000)
        let high = comparison.interval?.upperBound ?? comparison.ratio
        data.append("\(number(comparison.ratio)) \(number(y)) \(number(low)) \(number(high))")
      }
      data.append("EOD")
      parts.append(
        "$d\(index) using 1:2:3:4 with xerrorbars pointtype 7 pointsize 0.5 linewidth 1.6 "
          + "linecolor rgb \"\(inks.ink(column.element.name))\"")
    }
    let effect = run.settings.smallestEffect
    let count = section.rows.count
    return Plot(
      name: ratioName(run, place),
      caption: "\(section.node.rawValue): each column as a multiple of its base (\(RunText.against(run))), "
        + "with the 95 % interval",
      width: 480, height: 60 + count * (10 + 9 * columns.count),
      commands: data + [
        "set rmargin 4", "set bars 0.4", "set logscale x 2", "set format x '×%g'",
        "set xtics (\(ratioTics))", "unset key",
        "set ytics (\(names.joined(separator: ", ")))", "set yrange [\(Double(count) - 0.4):-0.6]",
        "set object 1 rectangle from first \(number(1 / (1 + effect))), graph 0 "
          + "to first \(number(1 + effect)), graph 1 "
          + "behind fillcolor rgb \"\(Plot.Ink.zone)\" fillstyle solid 1 noborder",
        "set arrow 1 from first 1, graph 0 to first 1, graph 1 nohead linecolor rgb \"\(Plot.Ink.text)\" linewidth 0.7",
        "set xrange [*<0.8:1.25<*]",
        "plot " + parts.joined(separator: ", "),
      ])
  }

  private static let ratioTics = [0.1, 0.2, 0.35, 0.5, 0.7, 1, 1.4, 2, 3, 5, 10, 20].map { "'×\(number($0))' \($0)" }
    .joined(separator: ", ")

  // MARK: Latency

  /// The share of I/Os that took no longer than a latency, for each column.
  private static func curves(
    _ run: StoredRun, _ section: RunFigures.Section, _ place: Int, _ row: Int, _ inks: ColumnInks
  ) -> Plot? {
    let figures = section.rows[row]
    var data: [String] = []
    var parts: [String] = []
    for (index, column) in section.columns.enumerated() {
      guard let cell = run.cell(node: section.node, workload: figures.workload, column: column.name),
        cell.failure == nil, !cell.latencyBins.isEmpty
      else { continue }
      data += ["$d\(index) << EOD"] + curve(cell.latencyBins) + ["EOD"]
      parts.append(
        "$d\(index) using 1:2 with steps linewidth 1.6 "
          + "dashtype \(Plot.Ink.dashType(inks.number(of: column.name))) linecolor rgb \"\(inks.ink(column.name))\"")
    }
    guard !parts.isEmpty else { return nil }
    return Plot(
      name: curvesName(run, place, row),
      caption: "\(section.node.rawValue) \(figures.workload): share of I/Os by latency, a curve for each column",
      width: width(section.columns.map(\.name)), height: 214,
      commands: data + [
        "set logscale x", "set format x '%g'", "set yrange [0:100]", "set ytics 0,25,100", "set format y '%g %%'",
        "set grid ytics linecolor rgb \"\(Plot.Ink.line)\" linewidth 0.5", "set xlabel 'latency in µs'",
        "unset key",
        "plot " + parts.joined(separator: ", "),
      ])
  }

  /// The points of a curve: µs and per cent; at most some hundred, for the eye sees no more.
  static func curve(_ bins: [LatencyBin]) -> [String] {
    let total = bins.reduce(0) { $0 + Double($1.count) }
    guard total > 0 else { return [] }
    var lines: [String] = []
    var seen = 0.0
    var last = -1.0
    for (index, bin) in bins.enumerated() {
      seen += Double(bin.count)
      let share = 100 * seen / total
      guard share - last >= 1 || index == bins.count - 1 else { continue }
      last = share
      lines.append("\(number(Double(bin.nanoseconds) / 1000)) \(number(share))")
    }
    return lines
  }

  /// A number with six digits that count.
  static func number(_ value: Double) -> String { Figures.general(value) }
}
