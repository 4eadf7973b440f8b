// One thing against another: by how much it differs, how sure that is, and the verdict that follows.

internal import Glibc
internal import HarnessStatistics

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
  /// What the row is judged by, other / base: the trimmed mean of the paired ratios, or the ratio of the medians.
  package let ratio: Double
  /// The 95 % interval of `ratio`; nil with fewer than three pairs.
  package let interval: ClosedRange<Double>?
  /// The two-sided p value of there being no difference; nil without pairs.
  package let p: Double?
  /// The p value of a difference larger than the smallest effect that matters; nil where there is no interval.
  package let pLarge: Double?
  /// The smallest relative difference that these samples could have told; nil where they could tell none.
  package let detectable: Double?
  /// The verdict.
  package private(set) var verdict: SpeedVerdict
  /// Why the verdict is `unsure`; nil if it is another.
  package private(set) var reason: String?

  /// `other` against `base`, cells of one row that were measured together; nil if one of them failed or they have no
  /// pair of samples.
  /// - Parameter control: the base measured once more; where it has a sample too, what is compared with is the
  ///   geometric mean of both. That of two scatters less than either, and the control has been paid for.
  package init?(
    base: BenchCell, control: BenchCell? = nil, other: BenchCell, metric: Metric, settings: BenchSettings
  ) {
    guard base.failure == nil, other.failure == nil else { return nil }
    let values = Dictionary(base.samples.map { ($0.index, $0.value) }) { first, _ in first }
    let again = control.flatMap { $0.failure == nil ? $0.samples : nil } ?? []
    let controls = Dictionary(again.map { ($0.index, $0.value) }) { first, _ in first }
    let logs = other.samples.compactMap { sample in
      values[sample.index].flatMap { Self.log(of: sample.value, over: $0) }.map { log in
        let second = controls[sample.index].flatMap { Self.log(of: sample.value, over: $0) }
        return second.map { (log + $0) / 2 } ?? log
      }
    }
    guard let median = Statistics.median(logs) else { return nil }
    (self.base, self.other, method, pairs) = (base.column, other.column, .paired, logs.count)
    guard let mean = TrimmedMean(logs) else {
      (ratio, interval, p, pLarge, detectable) = (exp(median), nil, 1, nil, nil)
      (verdict, reason) = (.unsure, Self.tooFew(logs.count))
      return
    }
    // The zone is symmetric in logarithms: B against A gets the verdict of A against B, the other way round.
    let edge = log1p(settings.smallestEffect)
    let reach = mean.reach(tail: RankTest.significance / 2)
    ratio = exp(mean.mean)
    interval = exp(mean.mean - reach)...exp(mean.mean + reach)
    p = mean.p()
    pLarge = mean.pOutside(edge)
    let isEnough = logs.count >= RankTest.fewestPairs
    detectable = isEnough ? max(settings.smallestEffect, expm1(reach)) : nil
    if mean.pOutside(edge) < RankTest.significance {
      (verdict, reason) = (.same, nil)
    } else if !isEnough {
      (verdict, reason) = (.unsure, Self.tooFew(logs.count))
    } else if mean.p() >= RankTest.significance {
      (verdict, reason) = (.unsure, "it could be chance")
    } else if abs(mean.mean) <= edge {
      (verdict, reason) = (.unsure, "it differs, but whether by \(Self.percent(settings.smallestEffect)) is open")
    } else {
      (verdict, reason) = ((mean.mean > 0) == metric.moreIsBetter ? .faster : .slower, nil)
    }
    // The trimmed mean leaves out a fifth at either end. More pairs than that, taken while something else was at work,
    // tell of a machine that is shared with it: a transport that needs one CPU less wins there, and here it may not.
    let disturbed = Self.disturbed(base, other)
    if verdict != .unsure, disturbed * 5 > pairs {
      (verdict, reason) = (.unsure, "the machine was disturbed in \(disturbed) of \(pairs) pairs")
    }
  }

  /// The pairs of which a sample counts although the machine was disturbed.
  private static func disturbed(_ base: BenchCell, _ other: BenchCell) -> Int {
    let quiet = Dictionary(base.samples.map { ($0.index, $0.disturbance == nil) }) { first, _ in first }
    return other.samples.count { sample in quiet[sample.index].map { !$0 || sample.disturbance != nil } ?? false }
  }

  private static func tooFew(_ pairs: Int) -> String {
    "\(pairs) \(pairs == 1 ? "pair" : "pairs"); at least \(RankTest.fewestPairs) are needed"
  }

  /// `other` against `base`, the same cell measured in two runs; nil if one of them failed or has no samples.
  package init?(unpaired base: BenchCell, _ other: BenchCell, metric: Metric, settings: BenchSettings) {
    guard base.failure == nil, other.failure == nil else { return nil }
    let left = base.samples.compactMap { Self.log(of: $0.value, over: 1) }
    let right = other.samples.compactMap { Self.log(of: $0.value, over: 1) }
    guard let before = Statistics.median(left), let after = Statistics.median(right) else { return nil }
    var random = SeededNumbers(seed: settings.seed, purpose: Self.purpose(base, other))
    let p = RankTest.unpaired(left, right)
    let isHopeless = RankTest.smallestUnpaired(left.count, right.count) >= RankTest.significance
    let drawn = Bootstrap.interval(ofDifference: right, left, from: &random)
    (self.base, self.other, method, pairs) = (base.column, other.column, .unpaired, min(left.count, right.count))
    (self.p, pLarge) = (p, nil)
    ratio = exp(after - before)
    interval = drawn.map { exp($0.lowerBound)...exp($0.upperBound) }
    detectable = isHopeless ? nil : drawn.map { expm1(($0.upperBound - $0.lowerBound) / 2) }
    (verdict, reason) = Self.verdict(
      logarithm: after - before, drawn, p: p,
      tooFew: isHopeless ? "\(left.count) and \(right.count) samples; 4 and 4 are the fewest that can tell" : nil,
      metric: metric, effect: settings.smallestEffect)
  }

  /// The verdict on two sides that were measured apart.
  private static func verdict(
    logarithm: Double, _ interval: ClosedRange<Double>?, p: Double, tooFew: String?, metric: Metric, effect: Double
  ) -> (SpeedVerdict, String?) {
    let edge = log1p(effect)
    guard let interval else { return (.unsure, tooFew ?? "too few samples") }
    if -edge <= interval.lowerBound, interval.upperBound <= edge { return (.same, nil) }
    if let tooFew { return (.unsure, tooFew) }
    if interval.upperBound >= -edge, interval.lowerBound <= edge {
      let isWide = interval.lowerBound < -edge && interval.upperBound > edge
      return (
        .unsure,
        isWide
          ? "the interval reaches beyond ±\(percent(effect)) on both sides"
          : "the interval reaches from inside ±\(percent(effect)) to outside"
      )
    }
    if p >= RankTest.significance { return (.unsure, "p \(rounded(p)): it could be chance") }
    return ((logarithm > 0) == metric.moreIsBetter ? .faster : .slower, nil)
  }

  /// `comparisons` of pairs as they stand among each other: what is called different, and what is called the same, each
  /// by the procedure of Benjamini & Hochberg, so that at most one in twenty of the verdicts is expected to be wrong.
  static func judgedTogether(_ comparisons: [Comparison]) -> [Comparison] {
    let different = FalseDiscovery.adjusted(comparisons.map { $0.p ?? 1 })
    let same = FalseDiscovery.adjusted(comparisons.map { $0.pLarge ?? 1 })
    return comparisons.indices.map { place in
      let comparison = comparisons[place]
      let isChance =
        comparison.isDifference && different[place] >= RankTest.significance
        || comparison.verdict == .same && same[place] >= RankTest.significance
      return isChance ? comparison.doubted("among \(comparisons.count) comparisons it could be chance") : comparison
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
    // A ratio of any two figures of a run is a finite number, and so is what is computed from ratios.
    return min(460, max(-460, Glibc.log(value / base)))
  }

  private static func purpose(_ base: BenchCell, _ other: BenchCell) -> String {
    "\(base.node.rawValue)/\(base.workload)/\(base.column)/\(other.column)"
  }

  private static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(clamping: tenths)) %" : "\(tenths) %"
  }

  private static func rounded(_ p: Double) -> String { "\((p * 100).rounded() / 100)" }
}
