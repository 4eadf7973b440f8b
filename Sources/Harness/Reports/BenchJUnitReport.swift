// A benchmark as JUnit's XML: a suite for each run, a case for each cell.

/// JUnit XML of stored runs.
enum BenchJUnitReport {
  /// The document. A cell that failed or was not reached is a failure or skipped; slow is no failure here, because a
  /// run alone has no limit: that is the gate's business.
  static func text(of runs: [StoredRun]) -> String {
    (["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites name=\"fusebench bench\">"]
      + runs.flatMap(suite) + ["</testsuites>"]).joined(separator: "\n")
  }

  private static func suite(_ run: StoredRun) -> [String] {
    let figures = RunFigures(run)
    var cases: [String] = []
    var (failures, skipped) = (0, 0)
    for section in figures.sections {
      for row in section.rows {
        for (column, figure) in zip(section.columns, row.figures) where column.hasCell(in: row.row) {
          if figure.failure != nil { failures += 1 } else if figure.value == nil { skipped += 1 }
          cases += testCase(run, section, row, column, figure)
        }
      }
    }
    let count = cases.count { $0.contains("<testcase ") }
    return [
      "  <testsuite name=\(XMLText.quoted(run.suite)) timestamp=\(XMLText.quoted(run.started)) tests=\"\(count)\" "
        + "failures=\"\(failures)\" errors=\"0\" skipped=\"\(skipped)\">",
      "    <properties>",
      "      <property name=\"run\" value=\(XMLText.quoted(run.id))/>",
      "      <property name=\"machine\" value=\(XMLText.quoted(run.machine.line))/>",
      "    </properties>",
    ] + cases + ["  </testsuite>"]
  }

  private static func testCase(
    _ run: StoredRun, _ section: RunFigures.Section, _ row: RunFigures.RowFigures, _ column: Column,
    _ figure: RunFigures.Figure
  ) -> [String] {
    let head =
      "    <testcase name=\(XMLText.quoted("\(section.node.rawValue) \(row.workload)")) "
      + "classname=\(XMLText.quoted("\(run.suite).\(column.name)"))"
    if let failure = figure.failure {
      return [head + ">", "      <failure message=\(XMLText.quoted(failure))/>", "    </testcase>"]
    }
    guard let value = figure.value else {
      return [head + ">", "      <skipped message=\"not measured\"/>", "    </testcase>"]
    }
    let words = MetricFormat(section.metric)
    var said = words.words(value).joined(separator: " ")
    if let comparison = figure.comparison {
      said +=
        ", \(comparison.changeText) (\(comparison.intervalText)) against \(comparison.base): "
        + words.verdict(comparison.verdict)
    }
    return [head + ">", "      <system-out>\(XMLText.escaped(said))</system-out>", "    </testcase>"]
  }
}
