// A check in the Test Anything Protocol.

/// TAP text of a check.
enum TapReport {
  /// A test point for each cell, in the order of the plan. In version 13, which readers of 14 take too, while those
  /// of 13 refuse 14; and in the little YAML that they all read: words, quoted text, lists.
  ///
  /// A failure that is known is `ok` with its reason beside it, and a pass against that expectation is `not ok`: so
  /// that a consumer which counts points comes to the same end as the exit status.
  static func text(_ result: CheckResult) -> String {
    var lines = ["TAP version 13", "1..\(result.planned)"]
    if let seed = result.seed { lines.append("# seed \(seed)") }
    for (index, judged) in result.cells.enumerated() {
      lines += point(index + 1, judged, rounds: result.rounds)
    }
    switch result.stopped {
    case .interrupted: lines.append("Bail out! interrupted: \(result.progress)")
    case .failed: lines.append("Bail out! stopped at the first failure: \(result.progress)")
    case nil: break
    }
    for (reason, count) in result.skipReasons { lines.append("# skipped \(count) × \(oneLine(reason))") }
    for rate in result.failureRates {
      lines.append("# \(rate.scenario) \(rate.mode): \(rate.failed) of \(rate.of) failed")
    }
    for (scenario, round, comparison) in result.disagreements {
      lines.append("# the modes of \(scenario) disagree\(result.rounds > 1 ? " in round \(round)" : ""):")
      lines += ModeDiff.text(comparison).split(separator: "\n").map { "#   \($0)" }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func point(_ number: Int, _ judged: JudgedCell, rounds: Int) -> [String] {
    // A '#' would begin a directive.
    let round = rounds > 1 ? " (round \(judged.round))" : ""
    let name = "\(number) - \(judged.cell.scenario.name) \(judged.cell.mode)\(round)"
    var facts = ["duration_ms: \(Int(clamping: judged.run.seconds * 1000))"]
    if let folder = judged.folder { facts.append("kept: \(quoted(folder))") }
    switch judged.verdict {
    case .pass:
      return ["ok \(name)"] + block(facts)
    case .skip(let reason):
      return ["ok \(name) # SKIP \(oneLine(reason))"]
    case .fail(let reason, let detail):
      return ["not ok \(name)"] + block(["reason: \(reason.rawValue)"] + facts + lines("detail", detail))
    case .xfail(let known, let reason, let detail):
      let head = ["verdict: xfail", "reason: \(reason.rawValue)"]
      return ["ok \(name)"] + block(head + expectation(known) + facts + lines("detail", detail))
    case .xpass(let known):
      return ["not ok \(name)"] + block(["verdict: xpass"] + expectation(known) + facts)
    }
  }

  private static func expectation(_ known: ExpectedFailure) -> [String] {
    ["why: \(quoted(known.why))", "link: \(quoted(known.link))"]
  }

  private static func block(_ lines: [String]) -> [String] {
    (["---"] + lines + ["..."]).map { "  \($0)" }
  }

  private static func lines(_ key: String, _ text: String) -> [String] {
    ["\(key):"] + text.split(separator: "\n", omittingEmptySubsequences: false).map { "  - \(quoted(String($0)))" }
  }

  private static func quoted(_ text: String) -> String {
    "'" + printable(text).replacing("'", with: "''") + "'"
  }

  private static func oneLine(_ text: String) -> String { printable(text).replacing("#", with: "\\#") }

  /// YAML has no way to write control characters between single quotes; line ends become blanks.
  private static func printable(_ text: String) -> String {
    String(
      text.unicodeScalars.map { scalar -> Character in
        switch scalar {
        case "\n", "\t": " "
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": "\u{FFFD}"
        default: Character(scalar)
        }
      })
  }
}
