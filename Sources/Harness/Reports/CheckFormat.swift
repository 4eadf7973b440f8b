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
    case .tap: return TapReport.text(result)
    case .junit: return JUnitReport.text(result)
    case .json: return CheckJSON.text(result)
    }
  }
}

extension JudgedCell {
  /// ` #2` for the second round of several, for formats that have no place for it.
  func roundSuffix(of rounds: Int) -> String { rounds > 1 ? " #\(round)" : "" }
}
