// Stored checks as text: one in full, and all that are kept as a trend.

/// Text of stored checks.
package enum StoredCheckReport {
  /// One check for a terminal: what it ran on, its counts by mode, and every cell that did not pass with its reason; a
  /// line feed at the end.
  package static func text(_ stored: StoredCheck) -> String {
    let check = stored.readable
    var grid = TextGrid()
    grid.rows = [[""] + heads] + counts(check)
    var lines = wrapped(headline(check), width: 100, indent: "  ") + [check.progress + ending(check), ""] + grid.lines
    lines += check.skipReasons.map { "\($0.count) × skipped: \($0.reason)" }
    lines += check.rates.map { "\($0.scenario) \($0.mode): \($0.failed) of \($0.of) failed" }
    for cell in check.cells where cell.verdict != .pass && cell.verdict != .skip {
      lines += ["", "\(cell.verdict.rawValue)  \(title(cell, check)): \(why(cell))"]
      if let text = cell.difference ?? cell.detail {
        lines += text.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// One check in Markdown.
  package static func markdown(_ stored: StoredCheck) -> String {
    let check = stored.readable
    func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    let progress = check.progress + ending(check)
    var lines = ["# \(MarkdownText.escaped(headline(check)))", "", MarkdownText.escaped(progress), ""]
    lines += [row(["transport"] + heads), row(["---"] + heads.map { _ in "---:" })] + counts(check).map(row)
    if !check.skipReasons.isEmpty {
      lines += ["", "Skipped:", ""] + check.skipReasons.map { "- \($0.count) × \(MarkdownText.escaped($0.reason))" }
    }
    lines += check.rates.isEmpty ? [] : ["", "Failed in some rounds:", ""]
    lines += check.rates.map { "- \(MarkdownText.escaped($0.scenario)) \($0.mode): \($0.failed) of \($0.of)" }
    for cell in check.cells where cell.verdict != .pass && cell.verdict != .skip {
      let title = MarkdownText.escaped("\(cell.verdict.rawValue): \(title(cell, check))")
      lines += ["", "## \(title)", "", MarkdownText.escaped(why(cell))]
      if let text = cell.difference ?? cell.detail, !text.isEmpty {
        let fence = MarkdownText.fence(around: text)
        lines += ["", fence + "diff", text, fence]
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// All checks, the oldest first: a line for each, and what changed since the one before of the same subject on the
  /// same kernel.
  package static func history(_ stored: [StoredCheck]) -> String {
    var grid = TextGrid()
    grid.leftColumns = [0, 1, 2]
    grid.rows.append(["check", "subject", "kernel", "pass", "fail", "known", "skip", "of", "s", "passed"])
    var changes: [String] = []
    var before: [[String]: StoredCheck] = [:]
    var trends: [[String]: [Double]] = [:]
    for check in stored.map(\.readable).sorted(by: { $0.started < $1.started }) {
      let key = [check.subject, check.kernel]
      let passed = Double(check.count(.pass))
      trends[key, default: []].append(passed)
      grid.rows.append(
        [check.started, check.subject, check.kernel, "\(check.count(.pass))"]
          + ["\(check.count(.fail) + check.count(.xpass))", "\(check.count(.xfail))", "\(check.count(.skip))"]
          + ["\(check.planned)", "\(Int(clamping: check.seconds.rounded()))"]
          + [HistoryReport.spark(trends[key, default: []].suffix(16).map { $0 })])
      if let last = before[key] { changes += self.changes(last, check) }
      before[key] = check
    }
    return (["checks:"] + grid.lines.map { "  \($0)" } + changes).map { $0 + "\n" }.joined()
  }

  // MARK: Parts

  private static let heads = ["passed", "failed", "known", "skipped", "not run", "of"]

  private static func headline(_ check: StoredCheck) -> String {
    let version = check.program.version.map { " (\($0))" } ?? ""
    let judge = check.judge.isEmpty ? "" : ", judged by fusebench \(check.judge)"
    return "\(check.id): \(check.subject)\(version) on Linux \(check.kernel)\(judge)"
  }

  private static func ending(_ check: StoredCheck) -> String {
    let seconds = " in \(Int(clamping: check.seconds.rounded())) s"
    switch check.stopped {
    case .interrupted: return seconds + "; interrupted"
    case .failed: return seconds + "; stopped at the first failure"
    case nil: return seconds
    }
  }

  /// The counts of each mode, of all cells that the catalogue has in it, rounds once each.
  private static func counts(_ check: StoredCheck) -> [[String]] {
    let table = MatrixTable([check])
    return table.columns.map { column in
      let verdicts = column.cells.values.map(\.cell.verdict)
      func count(_ words: StoredCheck.Cell.Verdict...) -> Int { verdicts.count(where: words.contains) }
      let all = table.catalogue(column.mode)
      let numbers = [count(.pass), count(.fail, .xpass), count(.xfail), count(.skip), all - verdicts.count, all]
      return [column.mode.rawValue] + numbers.map(String.init)
    }
  }

  private static func title(_ cell: StoredCheck.Cell, _ check: StoredCheck) -> String {
    "\(cell.scenario) \(cell.mode)" + (check.rounds > 1 ? " (round \(cell.round))" : "")
  }

  private static func why(_ cell: StoredCheck.Cell) -> String {
    let known = cell.expected.map { "\($0.why) (\($0.link))" } ?? ""
    switch cell.verdict {
    case .xfail: return "\(cell.reason ?? ""), as expected: \(known)"
    case .xpass: return "passes, but is expected to fail: \(known)"
    case .pass, .fail, .skip: return cell.reason ?? ""
    }
  }

  /// The cells that came to another verdict.
  private static func changes(_ before: StoredCheck, _ after: StoredCheck) -> [String] {
    let old = Dictionary(before.cells.map { ("\($0.scenario) \($0.mode)", $0.verdict) }) { $1 }
    let changed = after.cells.compactMap { cell -> String? in
      let name = "\(cell.scenario) \(cell.mode)"
      guard let verdict = old[name], verdict != cell.verdict else { return nil }
      return "\(name): \(verdict.rawValue), now \(cell.verdict.rawValue)"
    }
    return changed.isEmpty ? [] : ["\(after.started), \(after.subject): " + TextFormat.first(8, of: changed)]
  }
}
