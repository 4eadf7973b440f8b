// One thing against another: by how much it differs, how sure that is, and the verdict that follows.

internal import Glibc

/// What a comparison comes to; in the sense of "the other is … than the base".
package enum SpeedVerdict: String, Codable, CaseIterable, Sendable {
  /// Better, by more than the smallest effect that matters, and not by chance.
  case faster
  /// Worse, by more than the smallest effect that matters, and not by chance.
  case slower
  /// Nearer than the smallest effect that matters.
  case same
  /// The samples do not say.
  case unsure
}

/// One cell against another.
package struct Comparison: Equatable, Sendable {
  /// How samples of the two sides belong together.
  package enum Method: String, Codable, Sendable {
    /// Samples of the same number were taken together in one run, and their ratios are compared.
    case paired
    /// The two sides were measured apart; only what all samples of a side have in common is compared.
    case unpaired
  }

  /// The column that is compared with.
  package let base: String
  /// The column that is judged.
  package let other: String
  /// How samples belong together.
  package let method: Method
  /// The number of pairs; for `unpaired`, the samples of the smaller side.
  package let pairs: Int
  /// What the row is judged by, other / base: the median of the paired ratios, or the ratio of the medians.
  package let ratio: Double
  /// The 95 % bootstrap interval of `ratio`; nil with fewer than three pairs. With fewer than six it covers less than
  /// 95 %: not even the whole range of five pairs would.
  package let interval: ClosedRange<Double>?
  /// The two-sided p value of a rank test that counts out all permutations; nil without pairs.
  package let p: Double?
  /// The verdict.
  package private(set) var verdict: SpeedVerdict
  /// Why the verdict is `unsure`; nil if it is another.
  package private(set) var reason: String?

  /// `other` against `base`, cells of one row that were measured together; nil if one of them failed or they have no
  /// pair of samples.
  package init?(base: BenchCell, other: BenchCell, metric: Metric, settings: BenchSettings) {
    guard base.failure == nil, other.failure == nil else { return nil }
    let values = Dictionary(base.samples.map { ($0.index, $0.value) }) { first, _ in first }
    let logs = other.samples.compactMap { sample in
      values[sample.index].flatMap { Self.log(of: sample.value, over: $0) }
    }
    guard let median = Statistics.median(logs) else { return nil }
    var random = SeededNumbers(seed: settings.seed, purpose: Self.purpose(base, other))
    self.init(
      base: base.column, other: other.column, method: .paired, pairs: logs.count, logarithm: median,
      interval: Bootstrap.interval(ofMedian: logs, from: &random), p: RankTest.paired(logs),
      tooFew: logs.count < RankTest.fewestPairs
        ? "\(logs.count) \(logs.count == 1 ? "pair" : "pairs"); at least \(RankTest.fewestPairs) are needed" : nil,
      metric: metric, effect: settings.smallestEffect)
  }

  /// `other` against `base`, the same cell measured in two runs; nil if one of them failed or has no samples.
  package init?(unpaired base: BenchCell, _ other: BenchCell, metric: Metric, settings: BenchSettings) {
    guard base.failure == nil, other.failure == nil else { return nil }
    let left = base.samples.compactMap { Self.log(of: $0.value, over: 1) }
    let right = other.samples.compactMap { Self.log(of: $0.value, over: 1) }
    guard let before = Statistics.median(left), let after = Statistics.median(right) else { return nil }
    var random = SeededNumbers(seed: settings.seed, purpose: Self.purpose(base, other))
    let hopeless = RankTest.smallestUnpaired(left.count, right.count) >= RankTest.significance
    self.init(
      base: base.column, other: other.column, method: .unpaired, pairs: min(left.count, right.count),
      logarithm: after - before, interval: Bootstrap.interval(ofDifference: right, left, from: &random),
      p: RankTest.unpaired(left, right),
      tooFew: hopeless ? "\(left.count) and \(right.count) samples; 4 and 4 are the fewest that can tell" : nil,
      metric: metric, effect: settings.smallestEffect)
  }

  private init(
    base: String, other: String, method: Method, pairs: Int, logarithm: Double, interval: ClosedRange<Double>?,
    p: Double, tooFew: String?, metric: Metric, effect: Double
  ) {
    self.base = base
    self.other = other
    self.method = method
    self.pairs = pairs
    self.ratio = exp(logarithm)
    self.interval = interval.map { exp($0.lowerBound)...exp($0.upperBound) }
    self.p = p
    // The zone is symmetric in logarithms: B against A gets the verdict of A against B, the other way round.
    let edge = log1p(effect)
    guard let interval else {
      verdict = .unsure
      reason = tooFew ?? "too few samples"
      return
    }
    if -edge <= interval.lowerBound, interval.upperBound <= edge {
      verdict = .same
    } else if let tooFew {
      verdict = .unsure
      reason = tooFew
    } else if interval.upperBound >= -edge, interval.lowerBound <= edge {
      verdict = .unsure
      reason = "the interval reaches from inside ±\(Self.percent(effect)) to outside"
      if interval.lowerBound < -edge, interval.upperBound > edge {
        reason = "the interval reaches beyond ±\(Self.percent(effect)) on both sides"
      }
    } else if p >= RankTest.significance {
      verdict = .unsure
      reason = "p \(Self.rounded(p)): it could be chance"
    } else {
      verdict = (logarithm > 0) == metric.moreIsBetter ? .faster : .slower
    }
  }

  /// Whether the verdict says that the two differ.
  package var isDifference: Bool { verdict == .faster || verdict == .slower }

  /// How wide the interval is, as a share of the ratio; nil without an interval.
  package var width: Double? {
    interval.map { ($0.upperBound - $0.lowerBound) / ratio }
  }

  /// The same comparison, whose verdict is worth nothing for `reason`.
  func doubted(_ reason: String) -> Comparison {
    var doubted = self
    doubted.verdict = .unsure
    doubted.reason = reason
    return doubted
  }

  private static func log(of value: Double, over base: Double) -> Double? {
    guard value > 0, base > 0, value.isFinite, base.isFinite else { return nil }
    return Glibc.log(value / base)
  }

  private static func purpose(_ base: BenchCell, _ other: BenchCell) -> String {
    "\(base.node.rawValue)/\(base.workload)/\(base.column)/\(other.column)"
  }

  private static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths)) %" : "\(tenths) %"
  }

  private static func rounded(_ p: Double) -> String { "\((p * 100).rounded() / 100)" }
}
