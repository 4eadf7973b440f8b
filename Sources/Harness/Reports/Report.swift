// The forms in which a stored run can be shown.

/// A form of report; each is a pure function from stored runs to text.
package enum ReportFormat: String, CaseIterable, Sendable {
  /// For a terminal of 80 columns, and still of 60.
  case table
  /// For a web page or a mail.
  case markdown
  /// For a commit message of 72 columns.
  case commit
  /// One self-contained page for a browser.
  case html
  /// The stored form and what is computed from it, for programs (docs/schema); several runs are an array of such.
  case json
  /// A line for every sample and figure, for spreadsheets and statistics.
  case csv
  /// JUnit's XML, a case for each cell.
  case junit
  /// Go's benchmark format, which benchstat reads.
  case benchstat

  /// `runs`, which were measured together, in this form; with a line feed at its end.
  ///
  /// Texts of a run were written by others: programs, people, whoever made the file. What a terminal obeys is made
  /// visible for every form but JSON, which has its own way to write it; each form escapes what it obeys itself.
  package func text(of stored: [StoredRun], options: ReportOptions = ReportOptions()) -> String {
    let runs = self == .json ? stored : stored.map(\.readable)
    let lines =
      switch self {
      case .table: TableReport(options: options).lines(of: runs)
      case .markdown: Array(runs.map { MarkdownReport.lines(of: $0, options) }.joined(separator: [""]))
      case .commit: Array(runs.map(CommitReport.lines).joined(separator: [""]))
      case .html: [BenchPage.text(of: runs, options)]
      case .json: [JSONReport.text(of: runs)]
      case .csv: CSVReport.lines(of: runs)
      case .junit: [BenchJUnitReport.text(of: runs)]
      case .benchstat: Array(runs.map(BenchstatReport.lines).joined(separator: [""]))
      }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// What a report needs beside the runs.
package struct ReportOptions: Sendable {
  /// Whether the table may use colours.
  package var colours: Bool
  /// The drawings of the page's plots as SVG, by the plot's name; tables stand alone where there are none.
  package var drawings: [String: String]
  /// What others have published for the suites.
  package var published: [PublishedFigures]
  /// The columns that lines of the table may have; nil where they may have what they need.
  package var columns: Int?

  /// Options for a report.
  package init(
    colours: Bool = false, drawings: [String: String] = [:], published: [PublishedFigures] = [], columns: Int? = nil
  ) {
    self.colours = colours
    self.columns = columns
    self.drawings = drawings
    self.published = published
  }

  /// The published figures of the suite of `run`.
  func published(for run: StoredRun) -> [PublishedFigures] { published.filter { $0.suite == run.suite } }
}
