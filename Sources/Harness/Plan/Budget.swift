// How much time a benchmark may take, and what a time asked for buys.

internal import Foundation

/// How thorough a benchmark is.
package enum Budget: String, Codable, CaseIterable, Sendable {
  /// A few seconds per cell, and only the rows that a suite marks as quick.
  case quick
  /// Every row, with samples long enough to be compared.
  case full
}

/// What is asked for: one of the two, or a time.
package enum BudgetRequest: Equatable, Sendable {
  /// A few seconds per cell, and only the rows that a suite marks as quick.
  case quick
  /// Every row, with samples long enough to be compared.
  case full
  /// At most about so many seconds: rows, samples and their length are chosen to fit.
  case seconds(Double)

  /// What `words` ask for: `quick`, `full`, `90`, `60s`, `5m` or `1h`, up to a week; nil if none of these.
  package init?(_ words: String) {
    if let budget = Budget(rawValue: words) {
      self = budget == .full ? .full : .quick
      return
    }
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    let unit = words.last.flatMap { units[$0] }
    guard let number = Double(unit == nil ? words[...] : words.dropLast()) else { return nil }
    let seconds = number * (unit ?? 1)
    // More than a week is a slip.
    guard seconds > 0, seconds <= StrictMap.longest else { return nil }
    self = .seconds(seconds)
  }

  /// The budget whose sizes hold; a time chooses between them by itself.
  var budget: Budget? {
    switch self {
    case .quick: .quick
    case .full: .full
    case .seconds: nil
    }
  }
}

extension BenchPlan {
  /// What is tried one after the other for a time, the best first. None has fewer samples than a verdict needs: rows
  /// that nothing can be said about would be time spent on nothing.
  private static let levels: [(rows: Budget, samples: Int, runtime: Double, ramp: Double)] = [
    (.full, 10, 5, 1), (.full, 6, 5, 1), (.full, 6, 2, 0.5), (.full, 6, 1, 0.3), (.full, 6, 0.5, 0.2),
    (.quick, 10, 2, 0.5), (.quick, 6, 2, 0.5), (.quick, 6, 1, 0.3), (.quick, 6, 0.5, 0.2),
  ]

  /// The best plan that `make` comes to for one of the budgets within about `seconds`, with what it leaves out in
  /// its notes. Where even the smallest is too long, rows go, and one always stays; it gets fewer samples at last.
  /// `samples` and `runtime` hold, if they are given.
  static func fitting(
    _ seconds: Double, samples: Int? = nil, runtime: Double? = nil, _ make: (Budget) throws -> BenchPlan
  ) rethrows -> BenchPlan {
    let (full, quick) = (try make(.full), try make(.quick))
    var best = quick
    for level in levels {
      best = level.rows == .full ? full : quick
      best.settings.samples = samples ?? level.samples
      best.settings.maxSamples = best.settings.samples
      best.settings.runtime = runtime ?? level.runtime
      best.settings.ramp = level.ramp
      if best.estimate <= seconds { break }
    }
    while best.rows.count > 1, best.estimate > seconds { best.dropRow() }
    if samples == nil, best.estimate > seconds {
      best.settings.samples = 3
      best.settings.maxSamples = 3
    }
    best.notes += words(of: best, whole: full, seconds: seconds)
    return best
  }

  /// Takes the last row of the node that has the most, so that each node keeps its first ones.
  private mutating func dropRow() {
    let counts = NodeKind.allCases.map { node in (node: node, count: rows.count { $0.node == node }) }
    let most = counts.map(\.count).max() ?? 0
    guard let node = counts.last(where: { $0.count == most })?.node,
      let place = rows.lastIndex(where: { $0.node == node })
    else { return }
    rows.remove(at: place)
    let kept = rows
    columns = columns.filter { column in kept.contains { column.hasCell(in: $0) } }
  }

  private static func words(of plan: BenchPlan, whole: BenchPlan, seconds: Double) -> [String] {
    let (settings, count) = (plan.settings, whole.rows.count)
    var notes = [
      "budget of \(Int(clamping: seconds)) s: at least \(settings.samples) samples of \(settings.runtime) s per cell"
    ]
    let kept = Set(plan.rows.map(\.title))
    let left = whole.rows.map(\.title).filter { !kept.contains($0) }
    if !left.isEmpty {
      notes.append("the budget left out \(left.count) of \(count) rows: \(TextFormat.first(4, of: left))")
    }
    if plan.estimate > seconds {
      let seconds = Int(clamping: plan.estimate.rounded(.up))
      notes.append("the budget is too small for any row; it will take about \(seconds) s")
    }
    return notes
  }
}
