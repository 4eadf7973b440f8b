// Stored runs as one page for a browser, with everything inside it.

/// The page of runs that were measured together.
struct HTMLReport {
  let runs: [StoredRun]
  let options: ReportOptions

  /// The page.
  var text: String {
    let title = runs.map { "\($0.suite): \($0.title)" }.joined(separator: "; ")
    let head = Markup.all([
      .own("<meta charset=\"utf-8\">"),
      .own("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"),
      // Nothing may be loaded or sent, whatever a file of results holds.
      .own(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
          + "script-src 'unsafe-inline'\">"),
      .tag("title", "fusebench \(title)"),
      .tag("style", [.own("\n" + PageStyle.style + "\n")]),
    ])
    let body = Markup.all(
      runs.map { RunPage(run: $0, options: options).markup } + [
        .tag("script", [.own("\n" + PageStyle.script + "\n")])
      ])
    return Markup.all([
      .own("<!DOCTYPE html>"), .own("<html lang=\"en\">"), .tag("head", [.own("\n"), head, .own("\n")]),
      .tag("body", [.own("\n"), body, .own("\n")]), .own("</html>"),
    ]).html
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
    .all(
      [heading, warnings, summary]
        + figures.sections.indices.map(section)
        + [scaling, published, machine, samples, commands])
  }

  private var heading: Markup {
    .tag(
      "header",
      [
        .tag("h1", "\(run.suite): \(run.title)"),
        .tag("p", ["class": "dim"], "Run \(run.id), begun \(run.started); \(RunWords.sampling(run))."),
        .tag("p", "Compared: \(RunWords.compared(run)); on \(run.machine.line)."),
      ])
  }

  private var warnings: Markup {
    let lines = RunWords.warnings(run)
    guard !lines.isEmpty else { return .own("") }
    return .tag("div", ["class": "note", "role": "note"], [.tag("ul", lines.map { .tag("li", $0) })])
  }

  private var summary: Markup {
    let lines = RunWords.means(run, figures) + [RunWords.control(figures), RunWords.doubts(figures)].compactMap(\.self)
    guard !lines.isEmpty else { return .own("") }
    return .tag("ul", ["class": "said"], lines.map { .tag("li", $0) })
  }

  private func section(_ place: Int) -> Markup {
    let section = figures.sections[place]
    let heading = RunWords.section(section, run, always: true)
    var parts = [Markup.tag("h2", heading.prefix(1).uppercased() + heading.dropFirst()), tables.values(section)]
    if let differences = tables.differences(section) {
      parts += [differences, .tag("p", ["class": "dim"], RunWords.judged(run))]
    }
    if let plot = drawing(RunPlots.ratioName(run, place), "Mode against mode", wide: true) { parts.append(plot) }
    parts.append(tables.costs(section))
    let plots = section.rows.indices.flatMap { row -> [Markup] in
      let name = section.rows[row].workload
      return [
        drawing(RunPlots.barsName(run, place, row), name),
        drawing(RunPlots.curvesName(run, place, row), "\(name): latency"),
      ].compactMap(\.self)
    }
    if !plots.isEmpty {
      parts += [
        .tag("h3", "Row by row"),
        .tag(
          "p", ["class": "dim"],
          "Bars: the median of the samples; whiskers: the smallest and the largest sample. Curves: the share of I/Os "
            + "that took no longer."),
        key(section), .tag("div", ["class": "plots"], [.all(plots)]),
      ]
    }
    return .all(parts)
  }

  /// Which colour is which column.
  private func key(_ section: RunFigures.Section) -> Markup {
    .tag(
      "ul", ["class": "key", "aria-hidden": "true"],
      section.columns.map { column in
        let ink = (run.columns.firstIndex { $0.name == column.name } ?? 0) % Plot.Ink.columns + 1
        return .tag(
          "li",
          [
            .own("<svg viewBox=\"0 0 8 8\"><rect width=\"8\" height=\"8\" fill=\"var(--p\(ink))\"/></svg>"),
            .text(column.name),
          ])
      })
  }

  private func drawing(_ name: String, _ caption: String, wide: Bool = false) -> Markup? {
    options.drawings[name].map { drawing in
      .tag("figure", ["class": wide ? "wide" : nil], [.tag("figcaption", caption), .own(drawing)])
    }
  }

  private var scaling: Markup {
    let plots = Scaling.groups(of: figures).enumerated().compactMap { number, group in
      drawing(ScalingPlot.name(run, number), group.title, wide: true)
    }
    guard !plots.isEmpty else { return .own("") }
    return .all([
      .tag("h2", "Scaling"),
      .tag("p", ["class": "dim"], "Medians; whiskers from the smallest sample to the largest."),
      .tag("div", ["class": "plots"], [.all(plots)]),
    ])
  }

  private var published: Markup {
    let sources = options.published(for: run)
    guard !sources.isEmpty else { return .own("") }
    return .all([
      .tag("h2", "Published figures"),
      .tag(
        "p",
        "The published changes in the tables above were measured by others on their machines: only the ratio between "
          + "two columns can be compared with ours, never a figure."),
      .tag(
        "ul",
        sources.map { source in
          let isLink = source.source.hasPrefix("https://") || source.source.hasPrefix("http://")
          return .tag(
            "li",
            [.text(source.title + ": ")] + [
              isLink ? .tag("a", ["href": source.source], source.source) : .text(source.source)
            ])
        }),
    ])
  }

  private var machine: Markup { .all([.tag("h2", "Machine and settings"), tables.facts]) }

  private var samples: Markup {
    let dropped = run.cells.flatMap { cell in
      cell.dropped.map {
        "\(cell.node.rawValue) \(cell.workload), \(cell.column), sample \($0.index + 1): \($0.reason)"
      }
    }
    guard !dropped.isEmpty else { return .own("") }
    return .all([
      .tag("h2", "Dropped samples"), .tag("ul", dropped.map { .tag("li", $0) }),
    ])
  }

  private var commands: Markup {
    var parts = [Markup.tag("h2", "Command lines"), .tag("pre", run.command.joined(separator: " "))]
    for section in figures.sections {
      for row in section.rows {
        let cells = run.columns.compactMap { run.cell(node: section.node, workload: row.workload, column: $0.name) }
        guard !cells.isEmpty else { continue }
        parts.append(
          .tag(
            "details",
            [.tag("summary", "\(section.node.rawValue) \(row.workload)")]
              + cells.flatMap { cell -> [Markup] in
                let lines = [cell.exportCommand, cell.fioCommand].filter { !$0.isEmpty }
                return lines.isEmpty
                  ? [] : [.tag("div", ["class": "dim"], cell.column), .tag("pre", lines.joined(separator: "\n"))]
              }))
      }
    }
    return .all(parts)
  }
}
