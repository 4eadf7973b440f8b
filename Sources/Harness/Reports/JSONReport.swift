// A stored run as JSON for programs: what is stored, and `computed` beside it. docs/schema/run-3.json describes it.

internal import Foundation
internal import HarnessStatistics

/// The JSON report of a run.
enum JSONReport {
  /// What is computed from a run.
  private struct Computed: Encodable {
    var baseline: String?
    var cells: [Cell]
    var comparisons: [Difference]
    var controlDiffers: [String]
    var geometricMeans: [RunComparisons.ColumnMean]
  }

  private struct Cell: Encodable {
    var node: NodeKind
    var workload: String
    var column: String
    var metric: Metric
    var count: Int
    var mean: Double
    var deviation: Double?
    var median: Double
    var min: Double
    var max: Double
    var shares: [String: Double]
    var clientMicros: Double?
    var serverMicros: Double?
    var serverUserMicros: Double?
    var serverSystemMicros: Double?
    var bandwidth: Double?
    var bandwidthDeviation: Double?
    var channels: [RunFigures.ChannelShare]
    var switches: Double?
    var costs: KernelCosts?
    var peakResident: UInt64?
  }

  private struct Difference: Encodable {
    var node: NodeKind
    var workload: String
    var column: String
    var base: String
    var metric: Metric
    var pairs: Int
    var ratio: Double
    var interval: Interval?
    var p: Double?
    var verdict: SpeedVerdict
    var reason: String?
  }

  private struct Interval: Encodable {
    var low: Double
    var high: Double
  }

  private struct Document: Encodable {
    let run: StoredRun
    let computed: Computed

    enum Key: String, CodingKey { case computed }

    func encode(to encoder: any Encoder) throws {
      try run.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(computed, forKey: .computed)
    }
  }

  /// One document of JSON, without a line feed at its end: a run's own, or an array of those of several.
  static func text(of runs: [StoredRun]) -> String {
    runs.count == 1 ? text(of: runs[0]) : "[\n" + runs.map(text).joined(separator: ",\n") + "\n]"
  }

  /// The document of `run`, without a line feed at its end.
  static func text(of run: StoredRun) -> String {
    let encoder = RunFolder.encoder()
    // A run that was read from JSON holds no number that JSON cannot write.
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let document = Document(run: run, computed: computed(RunFigures(run)))
    return (try? encoder.encode(document)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  private static func computed(_ figures: RunFigures) -> Computed {
    var computed = Computed(
      baseline: figures.baseline?.name, cells: [], comparisons: [],
      controlDiffers: figures.comparisons.controlDiffers,
      geometricMeans: figures.comparisons.geometricMean)
    for section in figures.sections {
      for row in section.rows {
        for (column, figure) in zip(section.columns, row.figures) {
          guard let value = figure.value else { continue }
          computed.cells.append(
            Cell(
              node: section.node, workload: row.workload, column: column.name, metric: section.metric,
              count: value.count, mean: value.mean, deviation: value.deviation, median: value.median,
              min: value.least, max: value.most, shares: figure.shares, clientMicros: figure.clientMicros,
              serverMicros: figure.serverMicros, serverUserMicros: figure.serverUserMicros,
              serverSystemMicros: figure.serverSystemMicros, bandwidth: figure.bandwidth?.mean,
              bandwidthDeviation: figure.bandwidth?.deviation, channels: figure.channels, switches: figure.switches,
              costs: figure.costs, peakResident: figure.peakResident))
          guard let comparison = figure.comparison else { continue }
          computed.comparisons.append(
            Difference(
              node: section.node, workload: row.workload, column: column.name, base: comparison.base,
              metric: section.metric, pairs: comparison.pairs, ratio: comparison.ratio,
              interval: comparison.interval.map { Interval(low: $0.lowerBound, high: $0.upperBound) },
              p: comparison.p, verdict: comparison.verdict, reason: comparison.reason))
        }
      }
    }
    return computed
  }
}
