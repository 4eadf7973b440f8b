// A gate, or a comparison of two sides, as JUnit's XML: a case for each row and column.

/// JUnit XML of a gate.
package enum GateJUnitReport {
  /// The document, with a line feed at its end. Slower is a failure; what nobody is sure of is skipped with its reason,
  /// because it must not fail a build.
  package static func text(_ result: GateResult, costs: CostGate.Result? = nil) -> String {
    let counted = costs.map { costs in costs.entries.map { costCase($0, costs) } } ?? []
    let failures = result.regressions.count + (costs?.excesses.count ?? 0)
    let skipped = result.rows.count { $0.verdict == .unsure }
    let counts =
      "tests=\"\(result.rows.count + counted.count)\" failures=\"\(failures)\" errors=\"0\" skipped=\"\(skipped)\""
    let name = XMLText.quoted("against \(result.baseline)")
    let lines =
      [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites name=\"fusebench gate\" \(counts)>",
        "  <testsuite name=\(name) \(counts)>",
      ] + result.rows.flatMap { testCase($0, result) } + counted.joined() + ["  </testsuite>", "</testsuites>"]
    return lines.map { $0 + "\n" }.joined()
  }

  private static func testCase(_ row: ComparedRow, _ result: GateResult) -> [String] {
    let head = "    <testcase name=\(XMLText.quoted(row.title)) classname=\(XMLText.quoted("gate.\(row.column)"))>"
    let child: String
    switch row.verdict {
    case .slower:
      let limit = "\(Figures.general(result.limit * 100)) %"
      child = "<failure type=\"slower\" message=\(XMLText.quoted("\(said(row)), more than \(limit)"))/>"
    case .unsure:
      child = "<skipped message=\(XMLText.quoted("unsure: \(row.reason ?? "the samples do not tell")"))/>"
    case .faster, .same:
      child = "<system-out>\(XMLText.escaped(said(row)))</system-out>"
    }
    return [head, "      " + child, "    </testcase>"]
  }

  private static func costCase(_ entry: CostGate.Entry, _ result: CostGate.Result) -> [String] {
    let name = XMLText.quoted("\(entry.row), \(entry.name) per I/O")
    let said = CostReport.words(entry)
    return [
      "    <testcase name=\(name) classname=\(XMLText.quoted("gate-cost.\(entry.column)"))>",
      "      "
        + (entry.exceeds(result.limit)
          ? "<failure type=\"costs more\" message=\(XMLText.quoted(said))/>"
          : "<system-out>\(XMLText.escaped(said))</system-out>"),
      "    </testcase>",
    ]
  }

  private static func said(_ row: ComparedRow) -> String {
    guard let comparison = row.comparison else { return row.verdict.rawValue }
    let words = MetricFormat(row.metric).verdict(row.verdict)
    let again = row.confirmation.map { ", \($0.changeText) when measured again" } ?? ""
    return "\(words): \(comparison.changeText) (\(comparison.intervalText))\(again)"
  }
}
