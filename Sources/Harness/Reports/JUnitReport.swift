// A check as JUnit's XML: a suite for each mode, a case for each cell.

/// JUnit XML of a check.
enum JUnitReport {
  /// The document. Skips and known failures are `skipped` with their reason; only what fails the run is a `failure`.
  static func text(_ result: CheckResult) -> String {
    let suites = Mode.allCases.map { mode in (mode, result.cells.filter { $0.cell.mode == mode }) }
      .filter { !$0.1.isEmpty }
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuites name=\"fusebench check\" \(counts(result.cells, result.stopped)) "
        + "time=\"\(seconds(result.seconds))\">",
    ]
    for (mode, cells) in suites {
      let time = cells.reduce(0) { $0 + $1.run.seconds }
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

  /// Bytes of a transcript or log that the document takes; the cell's folder has all.
  private static let mostBytes = 256 << 10

  private static func counts(_ cells: [JudgedCell], _ stopped: CheckResult.Stop? = nil) -> String {
    let failures = cells.count(where: \.verdict.failsTheRun)
    let skipped = cells.count { ["skip", "xfail"].contains($0.verdict.word) }
    let errors = stopped == .interrupted ? 1 : 0
    return "tests=\"\(cells.count + errors)\" failures=\"\(failures)\" errors=\"\(errors)\" skipped=\"\(skipped)\""
  }

  private static func testCase(_ judged: JudgedCell, _ result: CheckResult) -> [String] {
    let name = judged.cell.scenario.name + judged.roundSuffix(of: result.rounds)
    let group = "\(result.subject).\(judged.cell.mode)"
    let head =
      "    <testcase name=\(quoted(name)) classname=\(quoted(group)) time=\"\(seconds(judged.run.seconds))\""
    let children = self.children(judged)
    if children.isEmpty { return [head + "/>"] }
    return [head + ">"] + children.map { "      " + $0 } + ["    </testcase>"]
  }

  private static func children(_ judged: JudgedCell) -> [String] {
    switch judged.verdict {
    case .pass:
      return []
    case .skip(let reason):
      return ["<skipped message=\(quoted(reason))/>"]
    case .xfail(let known, let reason, _):
      return [
        "<skipped message=\(quoted("xfail: \(reason.rawValue), as expected: \(known.why) (\(known.link))"))/>"
      ]
    case .xpass(let known):
      let message = "passes, but is expected to fail: \(known.why) (\(known.link))"
      return ["<failure type=\"xpass\" message=\(quoted(message))/>"]
    case .fail(let reason, let detail):
      let kept = judged.folder.map { "\nkept: \($0)" } ?? ""
      let message = quoted("\(reason.rawValue): \(headline(detail))")
      var lines = [
        "<failure type=\"\(reason.rawValue)\" message=\(message)>\(escaped(detail + kept))</failure>"
      ]
      if !judged.run.transcript.isEmpty {
        lines.append("<system-out>\(escaped(judged.run.transcript.shown(atMost: mostBytes)))</system-out>")
      }
      if !judged.run.daemonLog.isEmpty {
        lines.append("<system-err>\(escaped(judged.run.daemonLog.shown(atMost: mostBytes)))</system-err>")
      }
      return lines
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
