// Mean, deviation, median and percentiles on inputs whose answers can be worked out by hand.

import Testing

@testable import Harness
@testable import HarnessStatistics

@Suite struct MeasureStatisticsTests {
  @Test func meanDeviationMedian() throws {
    // The squares of the distances from 5 add up to 32; 32 / 7 under the root.
    let spread = try #require(Spread([2, 4, 4, 4, 5, 5, 7, 9]))
    #expect(spread.mean == 5)
    #expect(spread.median == 4.5)
    #expect(spread.deviation == (32.0 / 7).squareRoot())
    #expect(spread.least == 2)
    #expect(spread.most == 9)
    #expect(spread.count == 8)
  }

  @Test func oneNumberHasNoDeviation() throws {
    let spread = try #require(Spread([42]))
    #expect(spread.mean == 42)
    #expect(spread.median == 42)
    #expect(spread.deviation == nil)
  }

  @Test func nothingHasNoMean() {
    #expect(Spread([]) == nil)
    #expect(Statistics.mean([]) == nil)
    #expect(Statistics.median([]) == nil)
    #expect(Statistics.sampleDeviation([]) == nil)
  }

  @Test func deviationOfLargeRatesKeepsItsDigits() {
    // 10⁹ + {0, 1, 2}: the one-pass formula would give 0 or worse here.
    #expect(Statistics.sampleDeviation([1e9, 1e9 + 1, 1e9 + 2]) == 1)
  }

  @Test func medianOfAnOddCountIsOneOfThem() {
    #expect(Statistics.median([9, 1, 5]) == 5)
  }

  @Test func change() {
    #expect(Statistics.change(from: 100, to: 125) == 0.25)
    #expect(Statistics.change(from: 100, to: 50) == -0.5)
    #expect(Statistics.change(from: 0, to: 50) == nil)
  }
}

@Suite struct MeasureLatencyTests {
  @Test func percentileIsTheNearestRank() {
    let bins: [UInt64: UInt64] = [10: 50, 20: 49, 1000: 1]
    let histogram = LatencyHistogram(bins: bins, longest: 1003)
    #expect(histogram.count == 100)
    #expect(histogram.percentile(0.5) == 10)
    #expect(histogram.percentile(0.51) == 20)
    #expect(histogram.percentile(0.99) == 20)
    #expect(histogram.percentile(0.999) == 1000)
    #expect(histogram.percentile(1) == 1000)
    #expect(histogram.percentile(0) == 10)
  }

  @Test func ranksOfRoundCountsAreExact() {
    // 0.999 × 1000 must be rank 999, not 1000.
    #expect(LatencyHistogram(bins: [1: 999, 2: 1], longest: 2).percentile(0.999) == 1)
    #expect(LatencyHistogram(bins: [1: 9990, 2: 10], longest: 2).percentile(0.999) == 1)
  }

  @Test func aPercentileIsNeverAboveTheMaximum() {
    #expect(LatencyHistogram(bins: [1000: 1], longest: 997).percentile(0.99) == 997)
  }

  @Test func mergedBinsAreNotAveragedPercentiles() {
    var merged = LatencyHistogram(bins: [10: 99, 1000: 1], longest: 1000)
    let other = LatencyHistogram(bins: [10: 50, 500: 50], longest: 505)
    #expect(merged.percentile(0.99) == 10)
    #expect(other.percentile(0.99) == 500)
    merged.merge(other)
    #expect(merged.count == 200)
    // 149 at 10, 50 at 500, 1 at 1000: rank 198 lies in the 500s; the mean of the two would have been 255.
    #expect(merged.percentile(0.99) == 500)
    #expect(merged.percentile(0.5) == 10)
    #expect(merged.longest == 1000)
  }

  @Test func anEmptyHistogramHasNoPercentiles() {
    #expect(LatencyHistogram().percentile(0.5) == nil)
    #expect(LatencyHistogram().summary == nil)
    #expect(LatencyHistogram(bins: [5: 0], longest: 0).bins.isEmpty)
  }
}
