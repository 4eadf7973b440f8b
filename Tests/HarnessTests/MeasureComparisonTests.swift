// Intervals, tests and verdicts on plain numbers whose answers can be worked out by hand.

import Foundation
import Testing

@testable import Harness
@testable import HarnessStatistics

@Suite struct RankTestTests {
  @Test func unpairedCountsAllDeals() {
    // 3 of 6 numbers can be dealt in 20 ways, two of which are as far out.
    #expect(abs(RankTest.unpaired([1, 2, 3], [4, 5, 6]) - 0.1) < 1e-12)
    #expect(abs(RankTest.unpaired([1, 2, 3, 4], [5, 6, 7, 8]) - 2.0 / 70) < 1e-12)
    #expect(RankTest.unpaired([1, 1], [1, 1]) == 1)
    #expect(RankTest.unpaired([], [1]) == 1)
    // Sides of different sizes: {1} of four numbers is one of four deals, its mirror another.
    #expect(abs(RankTest.unpaired([1], [2, 3, 4]) - 0.5) < 1e-12)
  }

  @Test func theSmallestUnpairedValue() {
    #expect(abs(RankTest.smallestUnpaired(3, 3) - 0.1) < 1e-12)
    #expect(abs(RankTest.smallestUnpaired(4, 4) - 2.0 / 70) < 1e-12)
    #expect(RankTest.smallestUnpaired(1, 1) == 1)
    // Large sides must neither overflow nor take long.
    #expect(RankTest.unpaired((0..<30).map(Double.init), (30..<60).map(Double.init)) < 1e-15)
  }
}

@Suite struct StudentTTests {
  /// Quantiles of printed tables.
  @Test(arguments: [
    (1.0, 0.025, 12.7062), (3, 0.025, 3.18245), (5, 0.025, 2.57058), (5, 0.05, 2.01505), (10, 0.005, 3.16927),
  ])
  func quantilesAreThoseOfTheTables(_ degrees: Double, _ tail: Double, _ value: Double) {
    let distribution = StudentT(degrees: degrees)
    #expect(abs(distribution.quantile(tail: tail) - value) < 1e-4)
    #expect(abs(distribution.above(value) - tail) < 1e-6)
    #expect(abs(distribution.above(-value) - (1 - tail)) < 1e-6)
  }

  @Test func theEndsAreWhole() {
    #expect(StudentT(degrees: 3).above(0) == 0.5)
    #expect(StudentT(degrees: 3).above(.infinity) == 0)
    #expect(StudentT(degrees: 3).above(-.infinity) == 1)
    #expect(StudentT(degrees: 3).above(.nan) == 1)
  }
}

@Suite struct TrimmedMeanTests {
  @Test func theOutermostAreLeftOut() throws {
    let mean = try #require(TrimmedMean([1, 2, 3, 4, 5, 600]))
    #expect(mean.mean == 3.5)
    #expect(mean.distribution.degrees == 3)
    // Winsorised: 2 2 3 4 5 5, deviation 1.3784; five of its squares over 4 numbers and 3 degrees of freedom.
    #expect(abs(mean.error - 1.378405 * (5.0 / 12).squareRoot()) < 1e-5)
    #expect(TrimmedMean([1, 2]) == nil)
    // A tenth of twenty is two on either side.
    let many = try #require(TrimmedMean((1...18).map(Double.init) + [500, 600]))
    #expect(many.mean == 10.5 && many.distribution.degrees == 15)
  }

  @Test func equalNumbersHaveNoError() throws {
    let mean = try #require(TrimmedMean([0.5, 0.5, 0.5]))
    #expect(mean.reach(tail: 0.025) == 0)
    #expect(mean.p() == 0)
    #expect(mean.p(of: 0.5) == 1)
    #expect(mean.pOutside(0.6) == 0)
    #expect(mean.pOutside(0.4) == 1)
  }

  /// Of 95 % intervals about 95 % hold the true value, with few numbers, and with a spoilt one in ten.
  @Test(arguments: [6, 8, 12], [0, 10]) func intervalsCoverAsOftenAsTheySay(_ count: Int, _ spoiltPercent: Int) throws {
    var random = SeededNumbers(seed: UInt64(count))
    func number() -> Double {
      let sum = (0..<12).reduce(0.0) { sum, _ in sum + Double(random.below(1000)) / 1000 }
      let isSpoilt = random.below(100) < spoiltPercent
      return sum - 6 + (isSpoilt ? Double(random.below(2) * 2 - 1) * 8 : 0)
    }
    var held = 0
    for _ in 0..<1000 {
      let mean = try #require(TrimmedMean((0..<count).map { _ in number() }))
      if abs(mean.mean) <= mean.reach(tail: 0.025) { held += 1 }
    }
    #expect(held >= 930, "\(held) of 1000")
  }
}

@Suite struct ControlledComparisonTests {
  private func cell(_ column: String, _ values: [Double]) -> BenchCell {
    StoredRunFixture.cell(.null, "read", column, values)
  }

  @Test func theControlIsTheBaseOnceMore() throws {
    let settings = BenchSettings(budget: .quick, size: 1, seed: 1)
    let base = cell("legacy", [80, 120, 80, 120, 80, 120, 80, 120])
    // Whatever one of them is off by, the other is off the other way.
    let control = cell("legacy again", [125, 83.333, 125, 83.333, 125, 83.333, 125, 83.333])
    let other = cell("io_uring", [120, 119, 121, 120, 120, 119, 121, 120])
    func compare(_ control: BenchCell?) throws -> Comparison {
      try #require(Comparison(base: base, control: control, other: other, metric: .rate, settings: settings))
    }
    #expect(try compare(nil).verdict == .unsure)
    let comparison = try compare(control)
    #expect(comparison.verdict == .faster && abs(comparison.ratio - 1.2) < 0.01 && comparison.base == "legacy")
    var failed = control
    failed.failure = "it failed"
    #expect(try compare(failed) == compare(nil))
    // A sample that the control lacks is compared with the base alone.
    #expect(try compare(cell("legacy again", [125])).pairs == 8)
  }

  @Test func aReferenceGetsFewerQuickSamples() {
    var settings = BenchSettings(budget: .quick, size: 1, seed: 1)
    let legacy = Column(name: "legacy", kind: .export, mode: .legacy)
    #expect(settings.samples(of: .raw) == 4 && settings.samples(of: legacy) == 14)
    #expect(settings.takes(3, of: .raw) && !settings.takes(4, of: .raw) && settings.takes(9, of: legacy))
    settings.samples = 2
    #expect(settings.samples(of: .raw) == 2)
    let full = BenchSettings(budget: .full, size: 1, seed: 1)
    #expect(full.samples(of: .raw) == full.samples && full.takes(11, of: .raw))
  }
}

@Suite struct FalseDiscoveryTests {
  /// The example of the paper: of 15 p values four are believed at 5 %.
  @Test func thePapersExample() {
    let values = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
      1.0,
    ]
    #expect(FalseDiscovery.adjusted(values).count { $0 <= 0.05 } == 4)
    #expect(FalseDiscovery.adjusted([0.04]) == [0.04])
    #expect(FalseDiscovery.adjusted([]) == [])
    // In any order, and never above 1.
    #expect(FalseDiscovery.adjusted([0.9, 0.01]) == [0.9, 0.02])
  }
}

@Suite struct BootstrapTests {
  @Test func theIntervalHoldsTheMedianAndIsReproducible() throws {
    var random = SeededNumbers(seed: 1)
    var again = SeededNumbers(seed: 1)
    let numbers = [5.0, 1, 4, 2, 3, 9, 7, 8, 6]
    let interval = try #require(Bootstrap.interval(ofMedian: numbers, from: &random))
    #expect(interval.contains(5))
    #expect(interval.lowerBound >= 1 && interval.upperBound <= 9)
    // The drawn median of nine falls on place 2 or lower in 1.5 %, on place 3 or lower in 8 % of all draws.
    #expect(interval == 3...7 || interval == 2...8 || interval == 2...7 || interval == 3...8)
    #expect(Bootstrap.interval(ofMedian: numbers, from: &again) == interval)
  }

  @Test func equalNumbersHaveAnIntervalWithoutWidth() {
    var random = SeededNumbers(seed: 1)
    #expect(Bootstrap.interval(ofMedian: [2, 2, 2, 2], from: &random) == 2...2)
    #expect(Bootstrap.interval(ofMedian: [2, 2], from: &random) == nil)
    #expect(Bootstrap.interval(ofDifference: [3, 3, 3], [1, 1, 1], from: &random) == 2...2)
    #expect(Bootstrap.interval(ofDifference: [3, 3, 3], [1, 1], from: &random) == nil)
  }

  /// Were numbers to come from one seed over and over, an interval would be no better than its luck.
  @Test func intervalsCoverTheTrueMedianAboutAsOftenAsTheySay() throws {
    var random = SeededNumbers(seed: 7)
    var held = 0
    for _ in 0..<200 {
      let numbers = (0..<12).map { _ in Double(random.below(2001)) - 1000 }
      if try #require(Bootstrap.interval(ofMedian: numbers, from: &random)).contains(0) { held += 1 }
    }
    #expect((176...200).contains(held), "\(held) of 200")
  }
}

@Suite struct ComparisonTests {
  static func cell(_ column: String, _ values: [Double], from first: Int = 0) -> BenchCell {
    var cell = BenchCell(node: .null, workload: "read", column: column)
    cell.samples = values.enumerated().map { Sample(index: $0.offset + first, seed: 1, value: $0.element) }
    return cell
  }

  private static let settings = BenchSettings(budget: .full, size: 1 << 20, seed: 3)

  private func compare(_ base: [Double], _ other: [Double], _ metric: Metric = .rate) throws -> Comparison {
    try #require(
      Comparison(
        base: Self.cell("a", base), other: Self.cell("b", other), metric: metric, settings: Self.settings))
  }

  private static let steady = [100.0, 101, 99, 100, 102, 98, 100, 101]

  @Test func muchMoreIsFasterAndMuchLessIsSlower() throws {
    let faster = try compare(Self.steady, Self.steady.map { $0 * 1.2 })
    #expect(faster.verdict == .faster)
    #expect(faster.reason == nil)
    #expect(abs(faster.ratio - 1.2) < 1e-12)
    #expect(faster.pairs == 8)
    #expect((faster.p ?? 1) < 1e-6)
    #expect(faster.detectable == 0.05)
    #expect(try compare(Self.steady.map { $0 * 1.2 }, Self.steady).verdict == .slower)
  }

  @Test func ofLatencyTimeAndMemoryLessIsBetter() throws {
    for metric in [Metric.latency, .time, .memory] {
      #expect(try compare(Self.steady, Self.steady.map { $0 * 1.2 }, metric).verdict == .slower)
      #expect(try compare(Self.steady, Self.steady.map { $0 / 1.2 }, metric).verdict == .faster)
    }
  }

  @Test func insideTheSmallestEffectIsTheSame() throws {
    // Certain, and too small to matter.
    let same = try compare(Self.steady, Self.steady.map { $0 * 1.02 })
    #expect(same.verdict == .same)
    #expect((same.p ?? 1) < 1e-6)
    #expect(try compare([100, 100, 100], [101, 102, 101]).verdict == .same)
  }

  @Test func fewPairsAreUnsureHoweverFarApart() throws {
    let few = try compare([100, 100, 100, 100, 100], [200, 201, 202, 203, 204])
    #expect(few.verdict == .unsure)
    #expect(few.reason == "5 pairs; at least 6 are needed")
    #expect(few.interval != nil)
    let one = try compare([100], [200])
    #expect(one.verdict == .unsure)
    #expect(one.interval == nil)
    #expect(one.reason == "1 pair; at least 6 are needed")
    #expect(try compare(Array(Self.steady[..<6]), Self.steady[..<6].map { $0 * 2 }).verdict == .faster)
  }

  @Test func overlappingNoiseHasNoWinner() throws {
    let noisy = try compare(Self.steady, [130, 80, 125, 85, 120, 79, 131, 90])
    #expect(noisy.verdict == .unsure)
    #expect(noisy.reason == "it could be chance")
    #expect((noisy.detectable ?? 0) > 0.2)
    let leaning = try compare(Self.steady, [103, 107, 101, 105, 111, 100, 105, 108])
    #expect(leaning.verdict == .unsure)
    #expect(leaning.reason == "it differs, but whether by 5 % is open")
  }

  @Test func pairsAreSamplesOfTheSameNumber() throws {
    // Drift doubles everything from one sample to the next; the pairs see through it.
    let drift = (0..<8).map { 100 * Double(1 << $0) }
    #expect(try compare(drift, drift.map { $0 * 1.01 }).verdict == .same)
    let shifted = Comparison(
      base: Self.cell("a", [1, 2, 3]), other: Self.cell("b", [2, 3, 4], from: 1), metric: .rate,
      settings: Self.settings)
    #expect(shifted?.pairs == 2)
    #expect(shifted?.ratio == 1)
  }

  @Test func oneSpoiltPairDoesNotDecide() throws {
    var spoilt = Self.steady.map { $0 * 1.2 }
    spoilt[3] = 30
    #expect(try compare(Self.steady, spoilt).verdict == .faster)
  }

  /// One of twenty comparisons of equal things comes out different by itself; among twenty it is no finding.
  @Test func comparisonsAreJudgedTogether() throws {
    let lone = try compare(Self.steady, [106, 113, 99, 112, 107, 106, 116, 105])
    #expect(lone.verdict == .faster)
    let equal = try compare(Self.steady, [101, 100, 100, 99, 103, 97, 101, 100])
    let judged = Comparison.judgedTogether([lone] + Array(repeating: equal, count: 19))
    #expect(judged[0].verdict == .unsure)
    #expect(judged[0].reason == "among 20 comparisons it could be chance")
    #expect(judged[1].verdict == .same)
    #expect(Comparison.judgedTogether([lone])[0] == lone)
    #expect(Comparison.judgedTogether([]) == [])
  }

  @Test func aFailedCellIsNotCompared() {
    var failed = Self.cell("b", Self.steady)
    failed.failure = "sample 2: fio"
    #expect(
      Comparison(base: Self.cell("a", Self.steady), other: failed, metric: .rate, settings: Self.settings) == nil)
    #expect(
      Comparison(
        base: Self.cell("a", []), other: Self.cell("b", []), metric: .rate, settings: Self.settings) == nil)
  }

  @Test func unpairedComparesWhatSidesHaveInCommon() throws {
    let slower = try #require(
      Comparison(
        unpaired: Self.cell("a", Self.steady), Self.cell("a", Self.steady.map { $0 * 0.8 }), metric: .rate,
        settings: Self.settings))
    #expect(slower.method == .unpaired)
    #expect(slower.verdict == .slower)
    #expect(abs(slower.ratio - 0.8) < 1e-9)
    let few = try #require(
      Comparison(
        unpaired: Self.cell("a", [1, 2, 3]), Self.cell("a", [10, 11, 12]), metric: .rate, settings: Self.settings))
    #expect(few.verdict == .unsure)
    #expect(few.reason == "3 and 3 samples; 4 and 4 are the fewest that can tell")
  }

  /// What `selftest-measurement` shows on a machine, shown here on numbers: equal things are hardly ever told apart.
  @Test func noiseAloneHardlyEverWins() throws {
    var random = SeededNumbers(seed: 11)
    var told = 0
    for _ in 0..<200 {
      let values = (0..<16).map { _ in 100 + Double(random.below(4000)) / 100 }
      if try compare(Array(values[..<8]), Array(values[8...])).isDifference { told += 1 }
    }
    // One in twenty is 10; 16 and less is what chance makes of that in 97 of 100 such trials.
    #expect(told <= 16, "\(told) of 200")
  }
}

@Suite struct RunComparisonsTests {
  /// A run of one row with a control; `rates` by column.
  private func run(_ rates: [String: [Double]]) -> StoredRun {
    var run = StoredRunFixture.run
    run.cells = []
    run.columns.append(Column(name: "legacy again", kind: .export, role: .control, mode: .legacy))
    for (column, values) in rates {
      run.put(StoredRunFixture.cell(.null, "read rand aio ×1", column, values))
    }
    return run
  }

  private let base = [100.0, 101, 99, 100, 102, 98, 100, 101]

  private func times(_ factor: Double) -> [Double] { base.map { $0 * factor } }

  @Test func everyColumnIsAgainstTheBaseline() {
    let comparisons = RunComparisons(
      run(["legacy": base, "legacy again": times(1.01), "io_uring": times(2), "multithread": times(0.5)]))
    func verdict(_ column: String) -> SpeedVerdict? {
      comparisons.of(node: .null, workload: "read rand aio ×1", column: column)?.verdict
    }
    #expect(verdict("io_uring") == .faster)
    #expect(verdict("multithread") == .slower)
    #expect(verdict("legacy again") == .same)
    #expect(verdict("legacy") == nil)
    #expect(verdict("raw") == nil)
    #expect(comparisons.controlDiffers.isEmpty)
    #expect(comparisons.geometricMean.map(\.column) == ["multithread", "io_uring"])
    // Against the geometric mean of the baseline and the control.
    #expect(abs(comparisons.geometricMean[1].ratio - 2 / 1.01.squareRoot()) < 1e-9)
    #expect(comparisons.geometricMean[1].rows == 1)
  }

  @Test func aControlThatDiffersTakesTheRowsVerdictsAway() throws {
    let comparisons = RunComparisons(run(["legacy": base, "legacy again": times(1.3), "io_uring": times(2)]))
    #expect(comparisons.controlDiffers == ["null read rand aio ×1"])
    let doubted = try #require(comparisons.of(node: .null, workload: "read rand aio ×1", column: "io_uring"))
    #expect(doubted.verdict == .unsure)
    #expect(doubted.reason == "the A/A control 'legacy again' came out faster")
    #expect(
      comparisons.of(node: .null, workload: "read rand aio ×1", column: "legacy again")?.verdict == .faster)
  }

  @Test func theMeanIsGeometric() throws {
    var run = run(["legacy": base, "io_uring": times(4)])
    run.put(StoredRunFixture.cell(.null, "write rand sync ×4", "legacy", base))
    run.put(StoredRunFixture.cell(.null, "write rand sync ×4", "io_uring", base))
    let mean = try #require(RunComparisons(run).geometricMean.first)
    #expect(abs(mean.ratio - 2) < 1e-9)
    #expect(mean.rows == 2)
    #expect(mean.metric == .rate)
  }
}
