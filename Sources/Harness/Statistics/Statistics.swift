// Mean, deviation, median and change of a list of numbers: the arithmetic behind every table.

/// What a list of numbers says about itself. Units are those of the numbers.
package struct Spread: Equatable, Sendable {
  /// How many numbers there were.
  package let count: Int
  /// The arithmetic mean.
  package let mean: Double
  /// The sample standard deviation (divided by n − 1), or nil with fewer than two numbers:
  /// one number says nothing about how much the next one would differ.
  package let deviation: Double?
  /// The middle number, or the mean of the two middle ones.
  package let median: Double
  /// The smallest number.
  package let least: Double
  /// The largest number.
  package let most: Double

  /// The spread of `numbers`, or nil if there are none, or if one of them or their sum is no finite number.
  package init?(_ numbers: [Double]) {
    guard let mean = Statistics.mean(numbers), let median = Statistics.median(numbers),
      let least = numbers.min(), let most = numbers.max(), mean.isFinite, median.isFinite
    else { return nil }
    self.count = numbers.count
    self.mean = mean
    self.deviation = Statistics.sampleDeviation(numbers)
    self.median = median
    self.least = least
    self.most = most
  }
}

/// Plain statistics on plain numbers; nothing here knows what the numbers mean.
package enum Statistics {
  /// The arithmetic mean, or nil of nothing.
  package static func mean(_ numbers: [Double]) -> Double? {
    guard !numbers.isEmpty else { return nil }
    return numbers.reduce(0, +) / Double(numbers.count)
  }

  /// The sample standard deviation (n − 1 in the denominator), or nil with fewer than two numbers.
  package static func sampleDeviation(_ numbers: [Double]) -> Double? {
    guard numbers.count > 1, let mean = mean(numbers) else { return nil }
    // Two passes: with rates around 10⁶ the one-pass formula loses the digits that matter.
    let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(numbers.count - 1)).squareRoot()
  }

  /// The middle number, or the mean of the two middle ones; nil of nothing.
  package static func median(_ numbers: [Double]) -> Double? {
    guard !numbers.isEmpty else { return nil }
    let sorted = numbers.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// By how much `value` differs from `base`, as a fraction of `base` (0.25 = 25 % more);
  /// nil when `base` is zero, because no fraction of nothing makes sense.
  package static func change(from base: Double, to value: Double) -> Double? {
    base == 0 ? nil : value / base - 1
  }
}
