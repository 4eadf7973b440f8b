// A check in the Test Anything Protocol, version 14.

/// TAP text of a check.
enum TapReport {
  /// A test point for each cell, in the order of the plan.
  ///
  /// A failure that is known is `ok` with its reason beside it, and a pass against that expectation is `not ok`: so
  /// that a consumer which counts points comes to the same end as the exit status.
  static func text(_ result: CheckResult) -> String {
    var lines = ["TAP version 14", "1..\(result.cells.count)"]
    if let seed = result.seed { lines.append("# seed \(seed)") }
    for (index, judged) in result.cells.enumerated() {
      lines += point(index + 1, judged, rounds: result.rounds)
    }
    for (reason, count) in result.skipReasons { lines.append("# skipped \(count) × \(oneLine(reason))") }
    for rate in result.failureRates {
      lines.append("# \(rate.scenario) \(rate.mode): \(rate.failed) of \(rate.of) failed")
    }
    for (scenario, round, comparison) in result.disagreements {
      lines.append("# the modes of \(scenario) disagree\(result.rounds > 1 ? " in round \(round)" : ""):")
      lines += SideBySide.text(comparison).split(separator: "\n").map { "#   \($0)" }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func point(_ number: Int, _ judged: JudgedCell, rounds: Int) -> [String] {
    // A '#' would begin a directive.
    let round = rounds > 1 ? " (round \(judged.round))" : ""
    let name = "\(number) - \(judged.cell.scenario.name) \(judged.cell.mode)\(round)"
    var facts = ["duration_ms: \(Int(judged.run.seconds * 1000))"]
    if let folder = judged.folder { facts.append("kept: \(quoted(folder))") }
    switch judged.verdict {
    case .pass:
      return ["ok \(name)"] + block(facts)
    case .skip(let reason):
      return ["ok \(name) # SKIP \(oneLine(reason))"]
    case .fail(let reason, let detail):
      return ["not ok \(name)"] + block(["reason: \(reason.rawValue)"] + facts + literal("detail", detail))
    case .xfail(let known, let reason, let detail):
      let head = ["verdict: xfail", "reason: \(reason.rawValue)"]
      return ["ok \(name)"] + block(head + expectation(known) + facts + literal("detail", detail))
    case .xpass(let known):
      return ["not ok \(name)"] + block(["verdict: xpass"] + expectation(known) + facts)
    }
  }

  private static func expectation(_ known: KnownFailure) -> [String] {
    ["why: \(quoted(known.why))", "link: \(quoted(known.link))"]
  }

  private static func block(_ lines: [String]) -> [String] {
    (["---"] + lines + ["..."]).map { "  \($0)" }
  }

  private static func literal(_ key: String, _ text: String) -> [String] {
    // The digit tells the indentation, so that a text may begin with blanks.
    ["\(key): |2-"] + text.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
  }

  private static func quoted(_ text: String) -> String {
    "'" + oneLine(text).replacing("'", with: "''") + "'"
  }

  private static func oneLine(_ text: String) -> String {
    text.replacing("\n", with: " ").replacing("#", with: "\\#")
  }
}
