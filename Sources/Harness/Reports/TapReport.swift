// A check in the Test Anything Protocol.

/// TAP text of a check.
enum TapReport {
  /// A test point for each cell, in the order of the plan. In version 13, which readers of 14 take too, while those
  /// of 13 refuse 14; and in the little YAML that they all read: words, quoted text, lists.
  ///
  /// A failure that is known is `ok` with its reason beside it, and a pass against that expectation is `not ok`: so
  /// that a consumer which counts points comes to the same end as the exit status.
  static func text(_ result: StoredCheck) -> String {
    var lines = ["TAP version 13", "1..\(result.planned)"]
    if let seed = result.seed { lines.append("# seed \(seed)") }
    for (index, cell) in result.cells.enumerated() { lines += point(index + 1, cell, rounds: result.rounds) }
    switch result.stopped {
    case .interrupted: lines.append("Bail out! interrupted: \(result.progress)")
    case .failed: lines.append("Bail out! stopped at the first failure: \(result.progress)")
    case nil: break
    }
    for (reason, count) in result.skipReasons { lines.append("# skipped \(count) × \(oneLine(reason))") }
    for rate in result.rates {
      lines.append("# \(rate.scenario) \(rate.mode): \(rate.failed) of \(rate.of) failed")
    }
    for known in result.disagreements {
      lines.append("# the modes of \(known.scenario) disagree\(result.rounds > 1 ? " in round \(known.round)" : ""):")
      lines += ModeDiff.text(known.comparison).split(separator: "\n").map { "#   \($0)" }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func point(_ number: Int, _ cell: StoredCheck.Cell, rounds: Int) -> [String] {
    // A '#' would begin a directive.
    let round = rounds > 1 ? " (round \(cell.round))" : ""
    let name = "\(number) - \(oneLine(cell.scenario)) \(cell.mode)\(round)"
    var facts = ["duration_ms: \(Int(clamping: cell.seconds * 1000))"]
    if let folder = cell.kept { facts.append("kept: \(quoted(folder))") }
    let detail = lines("detail", cell.detail ?? "")
    let reason = ["reason: \(word(cell.reason ?? ""))"]
    switch cell.verdict {
    case .pass: return ["ok \(name)"] + block(facts)
    case .skip: return ["ok \(name) # SKIP \(oneLine(cell.reason ?? ""))"]
    case .fail: return ["not ok \(name)"] + block(reason + facts + detail)
    case .xfail:
      return ["ok \(name)"] + block(["verdict: xfail"] + reason + expectation(cell.expected) + facts + detail)
    case .xpass: return ["not ok \(name)"] + block(["verdict: xpass"] + expectation(cell.expected) + facts)
    }
  }

  private static func expectation(_ known: StoredCheck.Expectation?) -> [String] {
    known.map { ["why: \(quoted($0.why))", "link: \(quoted($0.link))"] } ?? []
  }

  /// A reason is a plain word unless somebody else wrote the file.
  private static func word(_ reason: String) -> String {
    FailureReason(rawValue: reason) == nil ? quoted(reason) : reason
  }

  private static func block(_ lines: [String]) -> [String] {
    (["---"] + lines + ["..."]).map { "  \($0)" }
  }

  private static func lines(_ key: String, _ text: String) -> [String] {
    ["\(key):"] + text.split(separator: "\n", omittingEmptySubsequences: false).map { "  - \(quoted(String($0)))" }
  }

  private static func quoted(_ text: String) -> String {
    "'" + printable(text).escapingScalars { $0 == "'" ? "''" : nil } + "'"
  }

  private static func oneLine(_ text: String) -> String { printable(text).escapingScalars { $0 == "#" ? "\\#" : nil } }

  /// YAML has no way to write control characters between single quotes; line ends become blanks.
  private static func printable(_ text: String) -> String {
    text.escapingScalars { scalar in
      switch scalar {
      case "\n", "\t": " "
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": "\u{FFFD}"
      default: nil
      }
    }
  }
}
