// What a gate or a comparison of two sides comes to: row by row, and as a whole.

internal import HarnessStatistics

/// One column of one row on two sides.
package struct ComparedRow: Equatable, Sendable {
  /// The node.
  package let node: NodeKind
  /// The workload's name.
  package let workload: String
  /// The column that is judged.
  package let column: String
  /// What the row is judged by.
  package let metric: Metric
  /// The comparison; nil if a side has no figure.
  package internal(set) var comparison: Comparison?
  /// The same from samples that were taken afresh because `comparison` says slower; nil if none were taken.
  package var confirmation: Comparison?
  /// Why `comparison`, which says slower, could not be confirmed or refuted; nil if it was, or was not asked for.
  package var unconfirmed: String?
  /// The medians of the two sides, in the unit of `metric`; nil where a side has no figure.
  package var medians: Medians?
  /// Why there is no comparison, or nil.
  package internal(set) var missing: String?

  /// What two sides measured.
  package struct Medians: Equatable, Sendable {
    /// The median of the side that is compared with.
    package let before: Double
    /// The median of the side that is judged.
    package let after: Double

    /// The medians of the samples of two cells; nil if either has none.
    init?(_ before: BenchCell?, _ after: BenchCell?) {
      guard let before = before.flatMap({ Statistics.median($0.samples.map(\.value)) }),
        let after = after.flatMap({ Statistics.median($0.samples.map(\.value)) })
      else { return nil }
      self.before = before
      self.after = after
    }
  }

  /// The row's name: `file read rand aio ×1`.
  package var title: String { "\(node.rawValue) \(workload)" }

  /// The row's name and its column: `file read rand aio ×1 legacy`.
  package var name: String { "\(title) \(column)" }

  /// The verdict: slower only if fresh samples, where there are any, say so too.
  package var verdict: SpeedVerdict {
    guard let comparison else { return .unsure }
    if comparison.verdict == .slower, unconfirmed != nil { return .unsure }
    if comparison.verdict == .slower, let confirmation, confirmation.verdict != .slower { return .unsure }
    return comparison.verdict
  }

  /// Why the verdict is `unsure`, or nil.
  package var reason: String? {
    guard verdict == .unsure else { return nil }
    guard let comparison else { return missing ?? "no figure" }
    if comparison.verdict == .slower, let unconfirmed {
      return "slower at first, but it could not be measured again: \(unconfirmed)"
    }
    if comparison.verdict == .slower, let confirmation {
      return "slower at first, but fresh samples say \(confirmation.verdict.rawValue)"
    }
    return comparison.reason
  }
}

/// What a gate decides.
package struct GateResult: Equatable, Sendable {
  /// What is compared with: the name of a run, or of a subject.
  package let baseline: String
  /// How much slower a row may be, as a share: 0.05 is 5 %.
  package let limit: Double
  /// The rows, in the order of the table.
  package var rows: [ComparedRow]

  /// A gate against `baseline` that lets pass what is less than `limit` slower.
  package init(baseline: String, limit: Double, rows: [ComparedRow]) {
    self.baseline = baseline
    self.limit = limit
    self.rows = rows
  }

  /// The rows that are slower by more than the limit.
  package var regressions: [ComparedRow] { rows.filter { $0.verdict == .slower } }

  /// Whether the gate lets pass: nothing is known to be slower. What nobody is sure of does not fail a build.
  package var passes: Bool { regressions.isEmpty }

  /// All rows as one verdict: slower if any is, unsure if any is or there is none, then faster if any is.
  package var verdict: SpeedVerdict {
    let verdicts = rows.map(\.verdict)
    if verdicts.contains(.slower) { return .slower }
    if verdicts.isEmpty || verdicts.contains(.unsure) { return .unsure }
    return verdicts.contains(.faster) ? .faster : .same
  }
}
