// Intervals, tests and verdicts on plain numbers whose answers can be worked out by hand.

import Foundation
import Testing

@testable import Harness

@Suite struct RankTestTests {
  @Test func pairedCountsAllSigns() {
    // All six on one side: 2 of 2⁶ sign flips are as far out.
    #expect(RankTest.paired([1, 2, 3, 4, 5, 6]) == 2.0 / 64)
    #expect(RankTest.paired([-1, -2, -3, -4, -5, -6]) == 2.0 / 64)
    // Sums of positive ranks ≤ 1 or ≥ 20 of 21: {} {1} and their mirrors.
    #expect(RankTest.paired([-1, 2, 3, 4, 5, 6]) == 4.0 / 64)
    #expect(RankTest.paired([1, 2, 3, 4, 5]) == 2.0 / 32)
    #expect(RankTest.paired([1, -1]) == 1)
    #expect(RankTest.paired([0, 0, 0]) == 1)
    #expect(RankTest.paired([]) == 1)
  }

  @Test func pairedSharesRanksOfTies() {
    // Ranks 2 2 2 with one minus: |2·4 − 6| = 2, and every outcome is at least that far out.
    #expect(RankTest.paired([1, 1, -1]) == 1)
    #expect(RankTest.paired([1, 1, 1, 1, 1, 1]) == 2.0 / 64)
  }

  @Test func oneSpoiltSampleDoesNotOutweighTheRest() {
    #expect(RankTest.paired([0.1, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, -9]) > 0.05)
    #expect(RankTest.paired([0.1, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.17, 0.18, -9]) < 0.1)
  }

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
    #expect(faster.p == 2.0 / 256)
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
    #expect(same.p == 2.0 / 256)
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
    #expect(noisy.reason == "the interval reaches beyond ±5 % on both sides")
    let leaning = try compare(Self.steady, [100, 120, 99, 121, 125, 98, 130, 103])
    #expect(leaning.verdict == .unsure)
    #expect(leaning.reason == "the interval reaches from inside ±5 % to outside")
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
    #expect(told <= 8, "\(told) of 200")
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
    #expect(abs(comparisons.geometricMean[1].ratio - 2) < 1e-9)
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
