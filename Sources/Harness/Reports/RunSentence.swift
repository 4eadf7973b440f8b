// What a run found, as a person would say it: which transport is faster for what, by how much, and how sure.

internal import Glibc

/// The findings of runs that were measured together, in sentences.
enum RunSentence {
  /// One column against the one that it is compared with, in one row.
  private struct Finding {
    let row: String
    let verdict: SpeedVerdict
    /// How many times as good as that: more is better in every metric.
    let ratio: Double
  }

  /// The sentences; none where nothing was compared.
  static func text(_ runs: [StoredRun], _ figures: [RunFigures]) -> [String] {
    guard let base = figures.lazy.compactMap(\.baseline).first, figures.contains(where: \.isJudged) else { return [] }
    var order: [String] = []
    var findings: [String: [Finding]] = [:]
    for section in figures.flatMap(\.sections) {
      for row in section.rows {
        for (column, figure) in zip(section.columns, row.figures) where column.role == .compared {
          guard let comparison = figure.comparison else { continue }
          if !order.contains(column.name) { order.append(column.name) }
          let ratio = section.metric.moreIsBetter ? comparison.ratio : 1 / comparison.ratio
          findings[column.name, default: []].append(
            Finding(row: "\(section.node.rawValue) \(row.workload)", verdict: comparison.verdict, ratio: ratio))
        }
      }
    }
    guard !order.isEmpty else { return [] }
    let best = order.sorted { mean(findings[$0] ?? []) > mean(findings[$1] ?? []) }
    // A program is compared with the first one in its own mode.
    let bases = runs.flatMap { run in run.columns.map { ($0.name, run.base(of: $0)?.name ?? base.name) } }
    let baseOf = Dictionary(bases) { first, _ in first }
    let sentences = best.map { sentence($0, findings[$0] ?? [], baseOf[$0] ?? base.name) }
    return [sentences.joined(separator: " ") + " " + sureness(runs)]
  }

  private static func mean(_ findings: [Finding]) -> Double {
    findings.reduce(0) { $0 + log($1.ratio) } / Double(max(1, findings.count))
  }

  /// `io_uring is faster than legacy in 4 of 7 rows, by 12 to 80 % (most in null read rand aio ×4), slower in 1, by
  /// 15 % (file read rand sync ×1), and the same in 1; 1 is open.`
  private static func sentence(_ column: String, _ findings: [Finding], _ base: String) -> String {
    let faster = findings.filter { $0.verdict == .faster }.sorted { $0.ratio > $1.ratio }
    let slower = findings.filter { $0.verdict == .slower }.sorted { $0.ratio < $1.ratio }
    let same = findings.count { $0.verdict == .same }
    let open = findings.count { $0.verdict == .unsure }
    let total = TextFormat.count(findings.count, "row")
    var parts: [String] = []
    if !faster.isEmpty { parts.append("faster than \(base) in \(faster.count) of \(total), \(by(faster))") }
    if !slower.isEmpty {
      parts.append(
        faster.isEmpty
          ? "slower than \(base) in \(slower.count) of \(total), \(by(slower))"
          : "slower in \(slower.count), \(by(slower))")
    }
    if same > 0 { parts.append(parts.isEmpty ? "the same as \(base) in \(same) of \(total)" : "the same in \(same)") }
    guard let list = TextFormat.list(parts) else {
      return "How \(column) differs from \(base) is open in all of \(total)."
    }
    return "\(column) is \(list)" + (open > 0 ? "; \(open) \(open == 1 ? "is" : "are") open." : ".")
  }

  /// `by 12 to 80 % (most in null read rand aio ×4)`.
  private static func by(_ findings: [Finding]) -> String {
    func percent(_ finding: Finding) -> String { Figures.fixed(abs(finding.ratio - 1) * 100, 0) }
    let (most, least) = (findings[0], findings[findings.count - 1])
    if findings.count == 1 { return "by \(percent(most)) % (\(most.row))" }
    let range =
      percent(least) == percent(most) ? "\(percent(most))" : "\(percent(least)) to \(percent(most))"
    return "by \(range) % (most in \(most.row))"
  }

  private static func sureness(_ runs: [StoredRun]) -> String {
    let samples = runs.map(\.fewestSamples).min() ?? 0
    return "Of such verdicts at most 1 in 20 is expected to be wrong (\(samples) pairs or more each, judged together)."
  }
}
