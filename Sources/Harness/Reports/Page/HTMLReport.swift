// Stored runs as one page for a browser, with everything inside it.

/// The page of runs that were measured together.
struct HTMLReport {
  let runs: [StoredRun]
  let options: ReportOptions

  /// The page.
  var text: String {
    let title = runs.map { "\($0.suite): \($0.title)" }.joined(separator: "; ")
    let head = [
      Markup.own("<meta charset=\"utf-8\">"),
      .own("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"),
      // Nothing may be loaded or sent, whatever a file of results holds.
      .own(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
          + "script-src 'unsafe-inline'\">"),
      .tag("title", text: "fusebench \(title)"),
      .own("<style>\n\(PageStyle.style)\n</style>"),
    ]
    let parts = runs.map { RunPage(run: $0, options: options).markup }
    let page: [Markup] = [
      .own("<!DOCTYPE html>\n<html lang=\"en\">\n<head>"), .all(head), .own("</head>\n<body>"), .all(parts),
      .own("<script>\n\(PageStyle.script)\n</script>\n</body>\n</html>"),
    ]
    return Markup.all(page).html
  }
}

/// The part of the page that belongs to one run.
private struct RunPage {
  let run: StoredRun
  let options: ReportOptions
  let figures: RunFigures
  let tables: PageTables

  init(run: StoredRun, options: ReportOptions) {
    self.run = run
    self.options = options
    figures = RunFigures(run)
    tables = PageTables(run: run, figures: figures, published: options.published(for: run))
  }

  var markup: Markup {
    let sections = figures.sections.indices.map(section)
    return .all([heading, warnings, summary] + sections + [scaling, published, machine, dropped, commands])
  }

  private var heading: Markup {
    .tag(
      "header",
      of: [
        .tag("h1", text: "\(run.suite): \(run.title)"),
        .remark("Run \(run.id), begun \(run.started); \(RunText.sampling(run))."),
        .tag("p", text: "Compared: \(RunText.compared(run)); on \(run.machine.line)."),
      ])
  }

  private var warnings: Markup {
    let lines = RunText.warnings(run)
    guard !lines.isEmpty else { return .all([]) }
    return .tag("div", [.init("class", "note"), .init("role", "note")], of: [.list(lines)])
  }

  private var summary: Markup {
    let lines = RunText.means(run, figures) + [RunText.control(figures), RunText.doubts(figures)].compactMap(\.self)
    return lines.isEmpty ? .all([]) : .list(lines, [.init("class", "said")])
  }

  private func section(_ place: Int) -> Markup {
    let section = figures.sections[place]
    let heading = RunText.section(section, run, always: true)
    var parts: [Markup] = [
      .tag("h2", text: heading.prefix(1).uppercased() + heading.dropFirst()), tables.values(section),
    ]
    if let differences = tables.differences(section) {
      parts += [differences, .remark(RunText.judged(run))]
    }
    if let plot = drawing(RunPlots.ratioName(run, place), "Mode against mode", wide: true) { parts.append(plot) }
    let plots = rowPlots(section, place)
    if !plots.isEmpty {
      let remark =
        "Bars: the median of the samples; whiskers: its 95 % bootstrap interval (none with fewer than three samples). "
        + "Curves: the share of I/Os that took no longer."
      parts += [.tag("h3", text: "Row by row"), .remark(remark), key(section), grid(plots)]
    }
    parts.append(tables.costs(section))
    return .all(parts)
  }

  /// A card for each row: its bars, and its latency curves below them.
  private func rowPlots(_ section: RunFigures.Section, _ place: Int) -> [Markup] {
    section.rows.indices.compactMap { row in
      let names = [RunPlots.barsName(run, place, row), RunPlots.curvesName(run, place, row)]
      let drawings = names.compactMap { options.drawings[$0].map(Markup.own) }
      guard !drawings.isEmpty else { return nil }
      return .tag("figure", of: [.tag("figcaption", text: section.rows[row].workload)] + drawings)
    }
  }

  private func grid(_ plots: [Markup]) -> Markup { .tag("div", [.init("class", "plots")], of: [.all(plots)]) }

  /// Which colour is which column.
  private func key(_ section: RunFigures.Section) -> Markup {
    let items = section.columns.map { column -> Markup in
      let ink = (run.columns.firstIndex { $0.name == column.name } ?? 0) % Plot.Ink.columns + 1
      let box = "<svg viewBox=\"0 0 8 8\"><rect width=\"8\" height=\"8\" fill=\"var(--p\(ink))\"/></svg>"
      return .tag("li", of: [.own(box), .text(column.name)])
    }
    return .tag("ul", [.init("class", "key"), .init("aria-hidden", "true")], of: items)
  }

  private func drawing(_ name: String, _ caption: String, wide: Bool = false) -> Markup? {
    guard let drawing = options.drawings[name] else { return nil }
    let parts: [Markup] = [.tag("figcaption", text: caption), .own(drawing)]
    return .tag("figure", [.init("class", wide ? "wide" : nil)], of: parts)
  }

  private var scaling: Markup {
    let plots = Scaling.groups(of: figures).enumerated().compactMap { number, group in
      drawing(ScalingPlot.name(run, number), group.title, wide: true)
    }
    guard !plots.isEmpty else { return .all([]) }
    let remark = "Medians; whiskers: their 95 % bootstrap intervals (none with fewer than three samples)."
    return .all([.tag("h2", text: "Scaling"), .remark(remark), grid(plots)])
  }

  private var published: Markup {
    let sources = options.published(for: run)
    guard !sources.isEmpty else { return .all([]) }
    let said =
      "The published changes in the tables above were measured by others on their machines: only the ratio between two "
      + "columns can be compared with ours, never a figure."
    let items = sources.map { source -> Markup in
      let isLink = source.source.hasPrefix("https://") || source.source.hasPrefix("http://")
      let link: Markup =
        isLink ? .tag("a", [.init("href", source.source)], text: source.source) : .text(source.source)
      return .tag("li", of: [.text(source.title + ": "), link])
    }
    return .all([.tag("h2", text: "Published figures"), .tag("p", text: said), .tag("ul", of: items)])
  }

  private var machine: Markup { .all([.tag("h2", text: "Machine and settings"), tables.facts]) }

  private var dropped: Markup {
    let lines = run.cells.flatMap { cell in
      cell.dropped.map { sample in
        "\(cell.title), \(cell.column), sample \(sample.index + 1): \(sample.reason)"
      }
    }
    guard !lines.isEmpty else { return .all([]) }
    return .all([.tag("h2", text: "Dropped samples"), .list(lines)])
  }

  private var commands: Markup {
    var parts: [Markup] = [
      .tag("h2", text: "Command lines"), .tag("pre", text: TextFormat.shellLine(run.command)),
    ]
    for section in figures.sections {
      for row in section.rows {
        let cells = run.columns.compactMap { run.cell(node: section.node, workload: row.workload, column: $0.name) }
        let lines = cells.flatMap(commands)
        guard !lines.isEmpty else { continue }
        let summary = Markup.tag("summary", text: "\(section.node.rawValue) \(row.workload)")
        parts.append(.tag("details", of: [summary] + lines))
      }
    }
    return .all(parts)
  }

  private func commands(of cell: BenchCell) -> [Markup] {
    let lines = [cell.exportCommand, cell.fioCommand].filter { !$0.isEmpty }
    guard !lines.isEmpty else { return [] }
    return [
      .tag("div", [.init("class", "dim")], text: cell.column), .tag("pre", text: lines.joined(separator: "\n")),
    ]
  }
}
