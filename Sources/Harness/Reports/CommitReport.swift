// A stored run for a commit message: 72 columns, one block per node and column, value ± spread (change).

enum CommitReport {
  static let width = 72

  static func lines(of run: StoredRun) -> [String] {
    let figures = RunFigures(run)
    let units = Set(figures.sections.map(\.metric)) == [.rate] ? "I/Os per second, " : ""
    var lines = wrapped("\(run.suite): \(run.title); \(units)\(RunText.sampling(run)):", width: width)
    for section in figures.sections {
      // The control has a line of its own below.
      for (index, column) in section.columns.enumerated() where column.role != .control {
        let against = section.rows.lazy.compactMap { $0.figures[index].comparison?.base }.first
        let what = section.metric == .rate ? "" : " \(section.metric.rawValue)"
        lines += [
          "",
          "\(section.node.rawValue), \(column.name)\(what)\(against.map { " (against \($0))" } ?? ""):",
        ]
        lines += block(section, index)
      }
    }
    lines.append("")
    lines += RunText.control(figures).map { wrapped($0, width: width, indent: "  ") } ?? []
    lines += RunText.warnings(run).flatMap { wrapped($0, width: width, indent: "  ") }
    lines += wrapped("On \(run.machine.line).", width: width)
    lines += wrapped(TextFormat.shellLine(run.command), width: width - 2, indent: "    ").enumerated().map {
      $0.offset == 0 ? "$ " + $0.element : $0.element
    }
    return lines.map(harmless)
  }

  /// `line` so that git takes it for text: a line that begins with `#` would be dropped as a comment, `---` would end
  /// the message (git-am), and a word with a colon at the start of a last line would be a trailer
  /// (git-interpret-trailers: a blank before it makes it none).
  private static func harmless(_ line: String) -> String {
    let scalars = line.unicodeScalars
    let mark = scalars.prefix { $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-") }
    let isTrailer = mark.contains("-") && scalars.dropFirst(mark.count).drop { $0 == " " }.first == ":"
    let begins = ["#", "---", "diff -"].contains { line.utf8.starts(with: $0.utf8) }
    return begins || isTrailer ? " " + line : line
  }

  private static func block(_ section: RunFigures.Section, _ index: Int) -> [String] {
    let words = MetricFormat(section.metric)
    var grid = TextGrid(gap: 1)
    for row in section.rows {
      let figure = row.figures[index]
      let parts: [String]
      if figure.failure != nil {
        parts = ["failed", "", ""]
      } else if let value = figure.value {
        let mean = words.words(value)
        parts = [mean[0] + (figure.isUnproven ? "?" : ""), mean[1], change(figure, words)]
      } else {
        parts = ["-", "", ""]
      }
      grid.rows.append(["  \(row.workload):"] + parts)
    }
    grid.leftColumns.insert(3)
    return grid.lines
  }

  /// `(+50%)`, with a word where the change is none, or is not known to be one.
  private static func change(_ figure: RunFigures.Figure, _ words: MetricFormat) -> String {
    guard let comparison = figure.comparison else { return "" }
    let isPlain = comparison.verdict == .faster || comparison.verdict == .slower
    return "(\(comparison.changeText)\(isPlain ? "" : ", " + words.verdict(comparison.verdict)))"
  }
}
