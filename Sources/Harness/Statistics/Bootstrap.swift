// How far a median may lie from the true one: intervals by drawing from the samples again and again.

internal import Glibc

/// Percentile bootstrap intervals (Efron & Tibshirani, "An Introduction to the Bootstrap", chapter 13).
///
/// Percentiles of the drawn medians, not BCa: BCa takes its acceleration from the jackknife, and the jackknife of a
/// median is inconsistent (chapter 11 there), so the correction would be noise.
package enum Bootstrap {
  /// How often samples are drawn; the ends of a 95 % interval are the 50th draw from either end.
  package static let draws = 2000
  /// With fewer numbers than this an interval would say nothing at all.
  package static let fewest = 3

  /// The 95 % interval of the median of `numbers`, or nil of fewer than three.
  package static func interval(ofMedian numbers: [Double], from random: inout SeededNumbers) -> ClosedRange<Double>? {
    guard numbers.count >= fewest else { return nil }
    let sorted = numbers.sorted()
    return middle95((0..<draws).map { _ in drawnMedian(sorted, &random) })
  }

  /// The 95 % interval of median(`others`) − median(`bases`), each drawn by itself; nil of fewer than three of either.
  package static func interval(
    ofDifference others: [Double], _ bases: [Double], from random: inout SeededNumbers
  ) -> ClosedRange<Double>? {
    guard min(others.count, bases.count) >= fewest else { return nil }
    let (others, bases) = (others.sorted(), bases.sorted())
    return middle95((0..<draws).map { _ in drawnMedian(others, &random) - drawnMedian(bases, &random) })
  }

  /// The median of as many numbers as `sorted` has, drawn from it with replacement.
  private static func drawnMedian(_ sorted: [Double], _ random: inout SeededNumbers) -> Double {
    // Counting how often each place is drawn keeps the draws in order without sorting them.
    withUnsafeTemporaryAllocation(of: Int.self, capacity: sorted.count) { drawn in
      drawn.initialize(repeating: 0)
      for _ in sorted { drawn[random.below(sorted.count)] += 1 }
      let (low, high) = ((sorted.count - 1) / 2, sorted.count / 2)
      var seen = 0
      var first: Double?
      for (place, count) in drawn.enumerated() where count > 0 {
        seen += count
        if first == nil, seen > low { first = sorted[place] }
        if seen > high { return ((first ?? sorted[place]) + sorted[place]) / 2 }
      }
      return sorted[sorted.count - 1]
    }
  }

  private static func middle95(_ medians: [Double]) -> ClosedRange<Double> {
    // No order holds what is no number, and a range of it would trap.
    let sorted = medians.filter { !$0.isNaN }.sorted()
    guard !sorted.isEmpty else { return 0...0 }
    let tail = sorted.count / 40
    return sorted[tail]...sorted[sorted.count - 1 - tail]
  }
}
