// A check as JUnit's XML: a suite for each mode, a case for each cell.

/// JUnit XML of a check.
enum JUnitReport {
  /// The document. Skips and known failures are `skipped` with their reason; only what fails the run is a `failure`.
  static func text(_ result: StoredCheck) -> String {
    let suites = Mode.allCases.map { mode in (mode, result.cells.filter { $0.mode == mode }) }
      .filter { !$0.1.isEmpty }
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuites name=\"fusebench check\" \(counts(result.cells, result.stopped)) "
        + "time=\"\(seconds(result.seconds))\">",
    ]
    for (mode, cells) in suites {
      let time = cells.reduce(0) { $0 + $1.seconds }
      lines.append(
        "  <testsuite name=\(quoted("\(result.subject) \(mode)")) \(counts(cells)) time=\"\(seconds(time))\">")
      if let seed = result.seed {
        lines.append("    <properties><property name=\"seed\" value=\"\(seed)\"/></properties>")
      }
      for cell in cells { lines += testCase(cell, result) }
      lines.append("  </testsuite>")
    }
    // Without an error a run that was broken off would look like one in which all went well.
    if result.stopped == .interrupted {
      let head = "tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"0.000\""
      lines += [
        "  <testsuite name=\(quoted("\(result.subject) interrupted")) \(head)>",
        "    <testcase name=\"interrupted\" classname=\(quoted(result.subject)) time=\"0.000\">",
        "      <error type=\"interrupted\" message=\(quoted(result.progress))/>", "    </testcase>",
        "  </testsuite>",
      ]
    }
    return (lines + ["</testsuites>", ""]).joined(separator: "\n")
  }

  private static func counts(_ cells: [StoredCheck.Cell], _ stopped: CheckResult.Stop? = nil) -> String {
    let failures = cells.count { $0.verdict == .fail || $0.verdict == .xpass }
    let skipped = cells.count { $0.verdict == .skip || $0.verdict == .xfail }
    let errors = stopped == .interrupted ? 1 : 0
    return "tests=\"\(cells.count + errors)\" failures=\"\(failures)\" errors=\"\(errors)\" skipped=\"\(skipped)\""
  }

  private static func testCase(_ cell: StoredCheck.Cell, _ result: StoredCheck) -> [String] {
    let name = cell.scenario + (result.rounds > 1 ? " #\(cell.round)" : "")
    let group = "\(result.subject).\(cell.mode)"
    let head = "    <testcase name=\(quoted(name)) classname=\(quoted(group)) time=\"\(seconds(cell.seconds))\""
    let children = self.children(cell)
    if children.isEmpty { return [head + "/>"] }
    return [head + ">"] + children.map { "      " + $0 } + ["    </testcase>"]
  }

  private static func children(_ cell: StoredCheck.Cell) -> [String] {
    let why = cell.expected.map { "\($0.why) (\($0.link))" } ?? ""
    let reason = cell.reason ?? ""
    switch cell.verdict {
    case .pass:
      return []
    case .skip:
      return ["<skipped message=\(quoted(reason))/>"]
    case .xfail:
      return ["<skipped message=\(quoted("xfail: \(reason), as expected: \(why)"))/>"]
    case .xpass:
      return ["<failure type=\"xpass\" message=\(quoted("passes, but is expected to fail: \(why)"))/>"]
    case .fail:
      let detail = cell.detail ?? ""
      let kept = cell.kept.map { "\nkept: \($0)" } ?? ""
      let message = quoted("\(reason): \(headline(detail))")
      return ["<failure type=\(quoted(reason)) message=\(message)>\(escaped(detail + kept))</failure>"]
        + (cell.transcript.map { ["<system-out>\(escaped($0))</system-out>"] } ?? [])
        + (cell.log.map { ["<system-err>\(escaped($0))</system-err>"] } ?? [])
    }
  }

  /// The line of a detail that says most: of a difference its first line that differs, else the first.
  private static func headline(_ detail: String) -> Substring {
    let lines = detail.split(separator: "\n")
    return lines.first { $0.hasPrefix("- ") || $0.hasPrefix("+ ") } ?? lines.first ?? ""
  }

  private static func seconds(_ seconds: Double) -> String {
    let milliseconds = Int(clamping: (seconds * 1000).rounded())
    return "\(milliseconds / 1000)." + String("\(1000 + milliseconds % 1000)".dropFirst())
  }

  private static func quoted(_ text: String) -> String { XMLText.quoted(text) }

  private static func escaped(_ text: String) -> String { XMLText.escaped(text) }
}
