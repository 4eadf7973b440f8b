// Latencies as fio counts them: bins, which can be added up, where percentiles cannot.

/// How many I/Os took how long. Merging two histograms is exact; averaging two percentiles is not,
/// so every percentile in a report is taken from merged bins.
package struct LatencyHistogram: Equatable, Sendable {
  /// I/Os per bin; the key is the bin's value in nanoseconds as fio names it (the middle of the bin).
  package private(set) var bins: [UInt64: UInt64] = [:]
  /// The longest latency seen in nanoseconds; exact, not a bin's value.
  package private(set) var longest: UInt64 = 0
  /// The number of I/Os.
  package private(set) var count: UInt64 = 0

  /// An empty histogram.
  package init() {}

  /// A histogram of `bins` (nanoseconds → I/Os) whose exact maximum is `longest` nanoseconds.
  package init(bins: [UInt64: UInt64], longest: UInt64) {
    self.bins = bins.filter { $0.value > 0 }
    self.longest = longest
    self.count = bins.values.reduce(0, +)
  }

  /// Counts one I/O that took `nanoseconds`, in a bin as fine as fio's: 64 to each power of two.
  package mutating func add(_ nanoseconds: UInt64) {
    let shift = max(0, 57 - nanoseconds.leadingZeroBitCount)
    bins[((nanoseconds >> shift) << shift) + (1 << shift) / 2, default: 0] += 1
    longest = max(longest, nanoseconds)
    count += 1
  }

  /// The bins in the order of their latency.
  package var list: [LatencyBin] {
    bins.sorted { $0.key < $1.key }.map { LatencyBin(nanoseconds: $0.key, count: $0.value) }
  }

  /// Adds the I/Os of `other`.
  package mutating func merge(_ other: LatencyHistogram) {
    bins.merge(other.bins, uniquingKeysWith: +)
    longest = max(longest, other.longest)
    count += other.count
  }

  /// The latency in nanoseconds that `fraction` (0…1) of the I/Os did not exceed, by nearest rank;
  /// nil when there are no I/Os. Never more than `longest`: the middle of the last bin may lie above it.
  package func percentile(_ fraction: Double) -> UInt64? {
    guard count > 0 else { return nil }
    // The small step back keeps 0.999 × 1000 at rank 999 where binary fractions would make it 1000.
    let rank = max(1, UInt64(max(0, Int(clamping: (fraction * Double(count) - 1e-9).rounded(.up)))))
    var seen: UInt64 = 0
    for (value, amount) in bins.sorted(by: { $0.key < $1.key }) {
      seen += amount
      if seen >= rank { return longest > 0 ? min(value, longest) : value }
    }
    return longest
  }

  /// The percentiles that reports show, or nil when there are no I/Os.
  package var summary: LatencySummary? {
    guard let p50 = percentile(0.5), let p99 = percentile(0.99), let p999 = percentile(0.999) else {
      return nil
    }
    return LatencySummary(p50: p50, p99: p99, p999: p999, max: longest)
  }
}

/// One bin of a histogram.
package struct LatencyBin: Codable, Equatable, Sendable {
  /// The middle of the bin, in nanoseconds.
  package var nanoseconds: UInt64
  /// The I/Os in it.
  package var count: UInt64
}

/// The percentiles of a histogram that reports show, in nanoseconds.
package struct LatencySummary: Codable, Equatable, Sendable {
  /// Half of the I/Os took no longer than this.
  package let p50: UInt64
  /// 99 % of the I/Os took no longer than this.
  package let p99: UInt64
  /// 99.9 % of the I/Os took no longer than this.
  package let p999: UInt64
  /// The slowest I/O.
  package let max: UInt64
}
