// Stored runs for a terminal: tables of at most 100 columns, values first, then differences and what they cost.

import Rainbow

/// The report for a terminal.
struct TableReport {
  static let width = 100

  /// What the table needs beside the runs.
  let options: ReportOptions

  /// The rows of one section of one run, under a heading of their own.
  private struct Part {
    let run: StoredRun
    let heading: String
    let section: RunFigures.Section
    let baseline: Column?

    /// The figure of the column called `name` in row `index`; a section without that column has none.
    func figure(_ name: String, _ index: Int) -> RunFigures.Figure? {
      section.columns.firstIndex { $0.name == name }.map { section.rows[index].figures[$0] }
    }
  }

  /// Columns that stand together: their heads, and their cells in a row of a part.
  private struct Group {
    let head: [String]
    let cells: (Part, Int) -> [String]

    /// Whether any row has something to show here.
    func isUsed(in parts: [Part]) -> Bool {
      parts.contains { part in
        part.section.rows.indices.contains { cells(part, $0).contains { !$0.isEmpty } }
      }
    }
  }

  /// The lines of the report.
  func lines(of runs: [StoredRun]) -> [String] {
    guard let first = runs.first else { return ["no runs"] }
    let figures = runs.map(RunFigures.init)
    let parts = zip(runs, figures).flatMap { run, figures in
      figures.sections.map {
        Part(
          run: run, heading: "\(run.suite), \(RunText.section($0, run))", section: $0, baseline: figures.baseline)
      }
    }
    var columns: [Column] = []
    for column in runs.flatMap(\.columns) where !columns.contains(where: { $0.name == column.name }) {
      columns.append(column)
    }
    var lines = runs.flatMap { wrapped("\($0.suite): \($0.title)", width: Self.width, indent: "  ") }
    lines += wrapped("\(unit(runs)), mean ± standard deviation of \(RunText.sampling(first)).", width: Self.width)
    lines.append("")
    // Costs stand beside the values, or with the other remarks where that would be a table of its own.
    let values = values(columns)
    let besides = grid(values + [costs], parts).width <= Self.width
    lines += tables(values + (besides ? [costs] : []), parts)
    let differences = differences(columns) + shares(columns) + published(runs) + (besides ? [] : [costs])
    if differences.contains(where: { $0.isUsed(in: parts) }) {
      lines += ["", "Against \(first.baseline?.name ?? "the first"):"] + tables(differences, parts)
    }
    let isPublished = published(runs).contains { $0.isUsed(in: parts) }
    return lines + [""] + foot(runs, figures, isPublished: isPublished)
  }

  private func unit(_ runs: [StoredRun]) -> String {
    let metrics = Set(runs.flatMap(\.ownRows).map(\.workload.metric))
    guard metrics.count < 2, let metric = metrics.first else { return "Units as the headings say" }
    let heading = MetricFormat(metric).heading
    return heading.prefix(1).uppercased() + heading.dropFirst()
  }

  private func foot(_ runs: [StoredRun], _ figures: [RunFigures], isPublished: Bool) -> [String] {
    var lines: [String] = []
    for (run, figures) in zip(runs, figures) {
      lines += RunText.means(run, figures).flatMap { wrapped($0, width: Self.width, indent: "  ") }
      lines += RunText.control(figures).map { wrapped($0, width: Self.width, indent: "  ") } ?? []
    }
    var warnings: [String] = []
    // What holds for all runs alike (a debug build, say) is said once.
    for warning in runs.flatMap(RunText.warnings) where !warnings.contains(warning) { warnings.append(warning) }
    lines += warnings.flatMap { wrapped($0, width: Self.width, indent: "  ") }
    if figures.contains(where: {
      $0.sections.contains { $0.rows.contains { $0.figures.contains { $0.comparison != nil } } }
    }) {
      lines += wrapped(RunText.judged(runs[0]), width: Self.width, indent: "  ")
      for figures in figures {
        lines += RunText.doubts(figures).map { wrapped($0, width: Self.width, indent: "  ") } ?? []
      }
    }
    let slashed = runs[0].columns.filter { $0.role == .compared && $0.kind == .export }.map(\.name)
    if slashed.count > 1 { lines.append("With slashes: \(slashed.joined(separator: "/")).") }
    for source in runs.flatMap(options.published) where isPublished {
      lines += wrapped(
        "Published (other people's machines, a change like ours): \(source.title)", width: Self.width, indent: "  ")
    }
    return lines
      + wrapped(
        "Compared: \(RunText.compared(runs[0])); on \(runs[0].machine.line).", width: Self.width, indent: "  ")
  }

  // MARK: Groups of columns

  private func values(_ columns: [Column]) -> [Group] {
    columns.map { column in
      Group(head: [column.name]) { part, index in
        part.figure(column.name, index).map { [value($0, part.section.metric)] } ?? [""]
      }
    }
  }

  private func value(_ figure: RunFigures.Figure, _ metric: Metric) -> String {
    if figure.failure != nil { return "failed" }
    return figure.value.map { MetricFormat(metric).spread($0) + (figure.isUnproven ? "?" : "") } ?? "-"
  }

  /// What the compared columns cost the server, in their order.
  private var costs: Group {
    Group(head: ["server µs/IO"]) { part, index in
      [slashed(part, index) { $0.serverMicros.map { Figures.fixed($0, 1) } }]
    }
  }

  private func differences(_ columns: [Column]) -> [Group] {
    columns.filter { $0.role != .reference }.map { column in
      Group(head: [column.name, "", ""]) { part, index in
        guard let comparison = part.figure(column.name, index)?.comparison else { return ["", "", ""] }
        return [
          comparison.intervalText, comparison.changeText,
          MetricFormat(part.section.metric).verdict(comparison.verdict),
        ]
      }
    }
  }

  private func shares(_ columns: [Column]) -> [Group] {
    columns.filter { $0.role == .reference }.map { reference in
      Group(head: ["% of \(reference.name)"]) { part, index in
        [slashed(part, index) { figure in figure.shares[reference.name].map { Figures.fixed($0 * 100, 0) } }]
      }
    }
  }

  private func published(_ runs: [StoredRun]) -> [Group] {
    var modes: [Mode] = []
    for run in runs {
      guard let base = run.baseline?.mode else { continue }
      let shown = run.columns.filter { $0.role == .compared }.compactMap(\.mode)
      for mode in options.published(for: run).flatMap({ $0.modes(besides: base) })
      where !modes.contains(mode) && shown.contains(mode) {
        modes.append(mode)
      }
    }
    return modes.map { mode in
      Group(head: ["published \(mode.rawValue)"]) { part, index in
        let row = part.section.rows[index].row
        guard let base = part.baseline?.mode else { return [""] }
        let ratio = options.published(for: part.run).lazy.compactMap {
          $0.ratio(node: row.node, workload: row.workload.name, mode: mode, to: base)
        }.first
        return [ratio.map { Figures.percent($0 - 1) } ?? ""]
      }
    }
  }

  /// One text for each compared column, `a/b/c`; nothing where none has any.
  private func slashed(_ part: Part, _ index: Int, _ text: (RunFigures.Figure) -> String?) -> String {
    let texts = zip(part.section.columns, part.section.rows[index].figures)
      .filter { $0.0.role == .compared && $0.0.kind == .export }.map { text($0.1) }
    return texts.allSatisfy { $0 == nil } ? "" : texts.map { $0 ?? "-" }.joined(separator: "/")
  }

  // MARK: Layout

  /// Tables that hold `groups`, as many beside each other as the width allows.
  private func tables(_ groups: [Group], _ parts: [Part]) -> [String] {
    var blocks: [TextGrid] = []
    var open: [Group] = []
    for group in groups where group.isUsed(in: parts) {
      if !open.isEmpty, grid(open + [group], parts).width > Self.width {
        blocks.append(grid(open, parts))
        open = []
      }
      open.append(group)
    }
    if !open.isEmpty { blocks.append(grid(open, parts)) }
    return Array(blocks.map { headed($0, parts) }.joined(separator: [""]))
  }

  /// All rows of all parts under one head, so that their columns stand under each other.
  private func grid(_ groups: [Group], _ parts: [Part]) -> TextGrid {
    var grid = TextGrid()
    grid.rows.append([""] + groups.flatMap(\.head))
    for part in parts {
      for (index, row) in part.section.rows.enumerated() {
        grid.rows.append(["  " + row.workload] + groups.flatMap { $0.cells(part, index) })
      }
    }
    // A verdict is a word and stands flush left behind its numbers.
    var place = 1
    for group in groups {
      if group.head.count == 3 { grid.leftColumns.insert(place + 2) }
      place += group.head.count
    }
    if options.colours { grid.paint = Self.painted }
    return grid
  }

  /// The grid's lines with each part's heading before its rows.
  private func headed(_ grid: TextGrid, _ parts: [Part]) -> [String] {
    var rows = grid.lines[...]
    var lines = rows.popFirst().map { [$0] } ?? []
    var cells = grid.rows.dropFirst()
    for part in parts {
      let count = part.section.rows.count
      // A part that has nothing in this table needs no place in it.
      if cells.prefix(count).contains(where: { $0.dropFirst().contains { !$0.isEmpty } }) {
        lines += wrapped(part.heading, width: Self.width, indent: "  ") + rows.prefix(count)
      }
      rows = rows.dropFirst(count)
      cells = cells.dropFirst(count)
    }
    return lines
  }

  private static func painted(_ text: String, _ padded: String) -> String {
    switch text {
    case "faster", "smaller": padded.green
    case "slower", "larger", "failed": padded.red
    case "unsure": padded.yellow
    default: padded
    }
  }
}
