// Stored runs as one page for a browser, with everything inside it: the values for the template `bench.html`.

/// The page of runs that were measured together.
struct BenchPage {
  /// The page of `runs`.
  static func text(of runs: [StoredRun], _ options: ReportOptions) -> String {
    let inks = ColumnInks(runs)
    return PageTemplate.page("bench", BenchPage(runs: runs.map { RunPart($0, options, inks) }))
  }

  let pageTitle: String
  let style = PageTemplate.text(PackageResources.page_css) + PageTemplate.text(PackageResources.bench_css)
  let script = PageTemplate.text(PackageResources.bench_js)
  let runs: [RunPart]

  private init(runs: [RunPart]) {
    pageTitle = runs.map(\.title).joined(separator: "; ")
    self.runs = runs
  }

  /// An entry of a legend: which line and colour is which column.
  struct LegendEntry {
    let ink: Int
    let dashes: String
    let name: String
  }

  /// A plot under its title; the drawings are gnuplot's, made fit for a page.
  struct PlotPart {
    let plotTitle: String
    let drawings: [String]
    let legend: [LegendEntry]
  }

  struct RatioPart {
    let drawing: String
    let legend: [LegendEntry]
  }

  /// One node and metric.
  struct SectionPart {
    let heading: String
    let values: PageTable
    let differences: PageTable?
    let judged: String
    let ratio: RatioPart?
    let hasPlots: Bool
    let isLong: Bool
    let plots: [PlotPart]
    let legend: [LegendEntry]
    let costs: PageTable?
  }

  struct SourcePart {
    let source: String
    let place: String
    let address: String?
  }

  struct CellPart {
    let column: String
    let text: String
  }

  struct CommandPart {
    let row: String
    let cells: [CellPart]
  }

  /// The part of the page that belongs to one run.
  struct RunPart {
    let title: String
    let about: String
    let compared: String
    let hasWarnings: Bool
    let warnings: [String]
    let hasSaid: Bool
    let said: [String]
    let sections: [SectionPart]
    let hasScaling: Bool
    let scaling: [PlotPart]
    let hasSources: Bool
    let sources: [SourcePart]
    let facts: [RunFacts.Fact]
    let hasDropped: Bool
    let dropped: [String]
    let command: String
    let commands: [CommandPart]
  }
}

extension BenchPage.RunPart {
  fileprivate init(_ run: StoredRun, _ options: ReportOptions, _ inks: ColumnInks) {
    let figures = RunFigures(run)
    title = "\(run.suite): \(run.title)"
    about = "Run \(run.id), begun \(run.started); \(RunText.sampling(run))."
    compared = "Compared: \(RunText.compared(run)); on \(run.machine.line)."
    warnings = RunText.warnings(run)
    hasWarnings = !warnings.isEmpty
    said = RunText.means(run, figures) + [RunText.control(figures), RunText.doubts(figures)].compactMap(\.self)
    hasSaid = !said.isEmpty
    let tables = PageTables(run: run, figures: figures, published: options.published(for: run))
    sections = figures.sections.indices.map { BenchPage.SectionPart(run, figures, tables, $0, options, inks) }
    scaling = Scaling.groups(of: figures).enumerated().compactMap { number, group in
      guard let drawing = options.drawings[ScalingPlot.name(run, number)] else { return nil }
      let columns = group.section.columns.filter { $0.role != .control }
      return BenchPage.PlotPart(plotTitle: group.title, drawings: [drawing], legend: inks.legend(columns))
    }
    hasScaling = !scaling.isEmpty
    sources = options.published(for: run).map { known in
      let isLink = known.source.hasPrefix("https://") || known.source.hasPrefix("http://")
      return BenchPage.SourcePart(source: known.title, place: known.source, address: isLink ? known.source : nil)
    }
    hasSources = !sources.isEmpty
    facts = RunFacts.all(run)
    dropped = run.cells.flatMap { cell in
      cell.dropped.map { "\(cell.title), \(cell.column), sample \($0.index + 1): \($0.reason)" }
    }
    hasDropped = !dropped.isEmpty
    command = TextFormat.shellLine(run.command)
    commands = figures.sections.flatMap { section in
      section.rows.compactMap { row in
        let cells = run.columns.compactMap { column -> BenchPage.CellPart? in
          let cell = run.cell(node: section.node, workload: row.workload, column: column.name)
          let lines = [cell?.exportCommand, cell?.fioCommand].compactMap(\.self).filter { !$0.isEmpty }
          return lines.isEmpty ? nil : .init(column: column.name, text: lines.joined(separator: "\n"))
        }
        return cells.isEmpty ? nil : .init(row: "\(section.node.rawValue) \(row.workload)", cells: cells)
      }
    }
  }
}

extension BenchPage.SectionPart {
  fileprivate init(
    _ run: StoredRun, _ figures: RunFigures, _ tables: PageTables, _ place: Int, _ options: ReportOptions,
    _ inks: ColumnInks
  ) {
    let section = figures.sections[place]
    let name = RunText.section(section, run, always: true)
    heading = name.prefix(1).uppercased() + name.dropFirst()
    values = tables.values(section)
    differences = tables.differences(section)
    judged = RunText.judged(run)
    costs = tables.costs(section)
    legend = inks.legend(section.columns)
    isLong = section.columns.contains { $0.name.count > Plot.shortLabel }
    ratio = options.drawings[RunPlots.ratioName(run, place)].map { drawing in
      let columns = section.columns.enumerated().filter { column in
        !column.element.isReference && section.rows.contains { $0.figures[column.offset].comparison != nil }
      }
      return BenchPage.RatioPart(drawing: drawing, legend: inks.legend(columns.map(\.element)))
    }
    // A card for each row: its bars, and its latency curves below them.
    plots = section.rows.indices.compactMap { row in
      let names = [RunPlots.barsName(run, place, row), RunPlots.curvesName(run, place, row)]
      let drawings = names.compactMap { options.drawings[$0] }
      guard !drawings.isEmpty else { return nil }
      return BenchPage.PlotPart(plotTitle: section.rows[row].workload, drawings: drawings, legend: [])
    }
    hasPlots = !plots.isEmpty
  }
}

extension ColumnInks {
  /// A legend of `columns`.
  fileprivate func legend(_ columns: [Column]) -> [BenchPage.LegendEntry] {
    columns.map { column in
      let number = number(of: column.name)
      return .init(ink: number, dashes: Plot.Ink.dashes(number), name: column.name)
    }
  }
}
