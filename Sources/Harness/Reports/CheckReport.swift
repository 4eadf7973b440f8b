// The lines that `check` prints for people: pure functions from judged cells to text.

import Rainbow

/// Text of a check, for a terminal or a plain file.
package struct CheckReport: Sendable {
  /// Whether colours are wanted.
  package let colours: Bool
  /// How often every cell is run; above 1 each line tells its round.
  package let rounds: Int

  /// A report with or without colours.
  package init(colours: Bool, rounds: Int = 1) {
    self.colours = colours
    self.rounds = rounds
  }

  /// The line (or lines) of one cell; `width` is that of the widest scenario name.
  package func line(_ judged: JudgedCell, width: Int) -> String {
    let name = judged.cell.scenario.name.padded(to: width)
    let mode = judged.cell.mode.rawValue.padded(to: 11) + round(judged)
    let seconds = String(Int(clamping: judged.run.seconds * 1000)).leftPadded(to: 6) + " ms"
    let verdict = judged.verdict
    let head = "\(paint(verdict.word.padded(to: 5), colour(verdict))) \(name)  \(mode)"
    switch verdict {
    case .pass:
      return "\(head)  \(seconds)\(note(judged))\(kept(judged))"
    case .skip(let reason):
      return "\(head)  \(reason)"
    case .fail(let reason, let detail):
      let body = detail.split(separator: "\n").map { "\n      \($0)" }.joined()
      return "\(head)  \(reason.rawValue)\(body)\(kept(judged))"
    case .xfail(let known, let reason, _):
      return "\(head)  \(reason.rawValue), as expected: \(known.why) (\(known.link))\(kept(judged))"
    case .xpass(let known):
      return "\(head)  \(seconds)\n      passes, but is expected to fail: \(known.why) (\(known.link))"
        + "\n      take it out of 'xfail' in \(judged.cell.subject.name).yaml\(kept(judged))"
    }
  }

  private func kept(_ judged: JudgedCell) -> String { judged.folder.map { "\n      kept: \($0)" } ?? "" }

  private func round(_ judged: JudgedCell) -> String {
    rounds > 1 ? "  " + "\(judged.round)/\(rounds)".leftPadded(to: 2 * "\(rounds)".count + 1) : ""
  }

  private func note(_ judged: JudgedCell) -> String {
    for case .unproven in judged.run.proofs { return "  (transport unproven)" }
    return ""
  }

  private func colour(_ verdict: Verdict) -> NamedColor {
    switch verdict {
    case .pass: .green
    case .fail, .xpass: .red
    case .skip, .xfail: .yellow
    }
  }

  /// Where the modes of a scenario disagree, side by side.
  package func disagreement(_ scenario: String, _ comparison: ModeComparison) -> String {
    let table = ModeDiff.text(comparison, width: 98).split(separator: "\n").map { "\n  \($0)" }.joined()
    return "      The modes of \(scenario) disagree:" + table
  }

  /// The summary: counts, a count for each reason to skip, how often what failed did fail, and the order's seed.
  package func summary(_ result: CheckResult) -> String {
    let cells = TextFormat.count(result.planned, "cell")
    var text = result.stopped == nil ? cells : "\(result.cells.count) of \(cells)"
    text += " in \(Int(clamping: result.seconds.rounded())) s: \(result.count("pass")) passed"
    let failed = result.count("fail")
    text += failed > 0 ? ", " + paint("\(failed) failed", .red) : ", 0 failed"
    text += ", \(result.count("skip")) skipped"
    let (xfail, xpass) = (result.count("xfail"), result.count("xpass"))
    if xfail > 0 { text += ", \(xfail) failed as expected" }
    if xpass > 0 { text += ", " + paint("\(xpass) passed unexpectedly", .red) }
    if let kernel = result.kernel { text += ", on Linux \(kernel)" }
    if result.stopped == .failed { text += "\n  stopped at the first failure (--fail-fast)" }
    for (reason, count) in result.skipReasons { text += "\n  \(count) × \(reason)" }
    for rate in result.failureRates {
      let share = Int(clamping: (100 * Double(rate.failed) / Double(rate.of)).rounded())
      text += "\n  \(rate.scenario) \(rate.mode): \(rate.failed) of \(rate.of) failed (\(share) %)"
    }
    if let seed = result.seed { text += "\n  order drawn from seed \(seed); again: --seed \(seed)" }
    return text
  }

  private func paint(_ text: String, _ colour: NamedColor) -> String {
    colours ? text.applyingColor(colour) : text
  }
}

extension String {
  /// Filled up with blanks on the right.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
  /// Filled up with blanks on the left.
  func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
