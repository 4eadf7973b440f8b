// The formats of a check, and what they share.

/// How a check is told.
package enum CheckFormat: String, CaseIterable, Sendable {
  /// For people.
  case pretty
  /// Test Anything Protocol, version 13.
  case tap
  /// JUnit's XML, as CI systems read it.
  case junit
  /// Everything, for programs.
  case json

  /// The text of `result`. `pretty` is without colours here, and without what stands between its lines as they come.
  package func text(of result: CheckResult) -> String {
    switch self {
    case .pretty:
      let report = CheckReport(colours: false, rounds: result.rounds)
      let width = result.cells.map(\.cell.scenario.name.count).max() ?? 0
      return (result.cells.map { report.line($0, width: width) } + [report.summary(result), ""])
        .joined(separator: "\n")
    case .tap: return TapReport.text(StoredCheck(result))
    case .junit: return JUnitReport.text(StoredCheck(result))
    case .json: return CheckJSON.text(result)
    }
  }
}

/// How a stored check is shown.
package enum StoredCheckFormat: String, CaseIterable, Sendable {
  /// For a terminal.
  case table
  /// For a web page or a mail.
  case markdown
  /// One self-contained page for a browser.
  case html
  /// The stored form.
  case json
  /// JUnit's XML.
  case junit
  /// Test Anything Protocol, version 13.
  case tap

  /// The text of `check`, with a line feed at its end.
  package func text(of check: StoredCheck) throws -> String {
    switch self {
    case .table: StoredCheckReport.text(check)
    case .markdown: StoredCheckReport.markdown(check)
    case .html: MatrixPage.text(of: [check])
    case .json: try check.json
    case .junit: JUnitReport.text(check.readable)
    case .tap: TapReport.text(check.readable)
    }
  }
}
