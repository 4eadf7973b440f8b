// How the figures of each metric look: unit, digits, and the words for better and worse.

internal import HarnessStatistics

/// The form of a metric's figures in every report.
struct MetricFormat {
  /// The metric.
  let metric: Metric

  init(_ metric: Metric) { self.metric = metric }

  /// The unit as a heading says it.
  var heading: String {
    switch metric {
    case .rate: "thousand I/Os per second"
    case .latency: "median latency in µs, less is better"
    case .time: "milliseconds, less is better"
    case .memory: "resident MiB, less is better"
    }
  }

  /// The unit at an axis.
  var short: String {
    switch metric {
    case .rate: "thousand I/Os per second"
    case .latency: "median latency in µs"
    case .time: "ms"
    case .memory: "MiB"
    }
  }

  /// The unit behind a figure that stands alone.
  var unit: String {
    switch metric {
    case .rate: "k"
    case .latency: "µs"
    case .time: "ms"
    case .memory: "MiB"
    }
  }

  /// The unit in which a run stores the figure.
  var storedUnit: String {
    switch metric {
    case .rate: "1/s"
    case .latency: "ns"
    case .time: "s"
    case .memory: "bytes"
    }
  }

  /// `value` in the unit of reports.
  func scaled(_ value: Double) -> Double {
    switch metric {
    case .rate: value / 1000
    case .latency: value / 1000
    case .time: value * 1000
    case .memory: value / 1_048_576
    }
  }

  /// A figure without its unit: `105.2`.
  func figure(_ value: Double) -> String { Figures.fixed(scaled(value), digits(value)) }

  /// A mean and how far samples lie from it: `105.2±1.9`; without the second part when there was one sample only.
  func spread(_ spread: Spread) -> String {
    figure(spread.mean)
      + (spread.deviation.map { "±" + Figures.fixed(scaled($0), digits(spread.mean)) } ?? "")
  }

  /// The same with the unit behind both, as two words of a commit message: `105.2k ±1.9k`.
  func words(_ spread: Spread) -> [String] {
    let digits = digits(spread.mean)
    return [
      figure(spread.mean) + unit,
      spread.deviation.map { "±" + Figures.fixed(scaled($0), digits) + unit } ?? "",
    ]
  }

  /// A verdict in the words of the metric.
  func verdict(_ verdict: SpeedVerdict) -> String {
    switch (metric, verdict) {
    case (.memory, .faster): "smaller"
    case (.memory, .slower): "larger"
    default: verdict.rawValue
    }
  }

  /// Latencies of a millisecond need no tenth of a microsecond.
  private func digits(_ value: Double) -> Int { metric == .latency && value >= 1e6 ? 0 : 1 }
}

extension Comparison {
  /// The change with its sign: `+50%`.
  var changeText: String { Figures.percent(ratio - 1) }

  /// The interval of the change: `+20…+50%`, or nothing where there are too few pairs.
  var intervalText: String {
    guard let interval else { return "" }
    return Figures.percent(interval.lowerBound - 1).dropLast() + "…" + Figures.percent(interval.upperBound - 1)
  }
}
