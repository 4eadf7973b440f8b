// What a benchmark measures, as values: a cell and its samples.

internal import HarnessStatistics

/// What one column did in one row.
package struct BenchCell: Codable, Equatable, Sendable {
  /// What the export served.
  package var node: NodeKind
  /// The name of the row's workload.
  package var workload: String
  /// The name of the column.
  package var column: String
  /// The good samples, in the order they were taken.
  package var samples: [Sample] = []
  /// The samples that do not count because the machine was disturbed.
  package var dropped: [DroppedSample] = []
  /// Why the cell failed, or nil. A failed cell has no figure, whatever its samples say.
  package var failure: String?
  /// Latency in nanoseconds over all samples, from their merged bins.
  package var latency: LatencySummary?
  /// The same bins in full, for curves: nanoseconds (the middle of a bin) and I/Os; empty where no fio ran.
  package var latencyBins: [LatencyBin] = []
  /// How it was shown that the transport asked for did the work.
  package var proof: Proof?
  /// What the kernel counted of the server under the same load, outside the samples; nil where it was not counted.
  package var costs: KernelCosts?
  /// What a reader of the figures must know beside them, one line each; empty if there is nothing.
  package var notes: [String] = []
  /// The export's command line in the first sample; empty for `raw`.
  package var exportCommand = ""
  /// The load's command line in the first sample, fio's as a rule; empty where the row has no load.
  package var fioCommand = ""

  /// How well it is known that the transport asked for did the work.
  package enum Proof: String, Codable, Sendable {
    /// The export's own statistics show it.
    case proven
    /// The subject keeps no statistics.
    case unproven
  }

  /// The name of the cell's row: `file read rand aio ×1`.
  package var title: String { "\(node.rawValue) \(workload)" }

  /// The cell in one line: `file read rand aio ×1, legacy: 31.5 k IOPS`, or why it failed.
  package func line(in metric: Metric) -> String {
    let name = "\(title), \(column)"
    if let failure { return "\(name): failed: \(failure)" }
    let value = Statistics.mean(samples.map(\.value)) ?? 0
    func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
    switch metric {
    case .rate: return "\(name): \(tenths(value / 1000)) k IOPS"
    case .latency: return "\(name): \(tenths(value / 1000)) µs"
    case .time: return "\(name): \(tenths(value * 1000)) ms"
    case .memory: return "\(name): \(tenths(value / 1_048_576)) MiB"
    }
  }

  /// Where fio's JSON of a sample goes, relative to the folder. The names have no spaces or signs in them.
  package static func fioOutput(node: NodeKind, workload: String, column: String, sample: Int) -> String {
    let name = "\(node.rawValue)-\(workload)-\(column)-\(sample)".replacing("×", with: "x")
    let plain = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "-" }
    return "fio/\(String(plain)).json"
  }
}

/// One fresh start of the export under one fresh load.
package struct Sample: Codable, Equatable, Sendable {
  /// Counted from 0 within the cell; samples of the same number were taken together, saw the same seed in every
  /// column, and make a pair when two columns are compared.
  package var index: Int
  /// The seed of the job's random offsets.
  package var seed: UInt64
  /// What the row is judged by, in the unit of its metric.
  package var value: Double
  /// What fio (or the load in its place) measured; nil where the row has no load.
  package var io: LoadFigures?
  /// What the export spent; nil for `raw`, and where the row has no load.
  package var server: ServerCost?
  /// What else the machine did meanwhile.
  package var host: HostNoise?
  /// What disturbed the machine meanwhile, in one line, where the sample counts all the same because the row had
  /// dropped as many as it may; nil if nothing did.
  package var disturbance: String?
  /// fio's own JSON, relative to the run's folder; nil where no fio ran.
  package var fioOutput: String?
}

/// A sample that was thrown away because the machine was disturbed while it was taken.
package struct DroppedSample: Codable, Equatable, Sendable {
  /// The number that the sample would have had.
  package var index: Int
  /// What disturbed it, in one line.
  package var reason: String
}

/// What a load measured of itself.
package struct LoadFigures: Codable, Equatable, Sendable {
  /// I/Os per second, reads and writes.
  package var iops: Double
  /// Reads per second.
  package var readIops: Double
  /// Writes per second.
  package var writeIops: Double
  /// Bytes per second, reads and writes.
  package var bandwidth: Double
  /// I/Os in the measured time.
  package var operations: UInt64
  /// Measured seconds.
  package var seconds: Double
  /// Latency in nanoseconds, submission included.
  package var latency: LatencySummary?
  /// CPU microseconds per I/O of the client, user and kernel.
  package var clientMicros: Double
  /// The share (0…1) of the I/Os that each job submitted with as many in flight as it was asked for; nil where
  /// the load does not say.
  package var atDepth: Double?

  /// The figures of `report`, of a job of `workload`: which latency counts, and which depth was asked for.
  package init(_ report: FioReport, of workload: Workload = Workload(name: "")) {
    iops = report.rate
    readIops = report.readRate
    writeIops = report.writeRate
    bandwidth = report.bandwidth
    operations = report.operations
    seconds = report.seconds
    latency = report.latency(of: workload.operation).summary
    clientMicros = (report.userSeconds + report.systemSeconds) * 1e6 / Double(max(1, report.operations))
    atDepth = report.share(atDepth: workload.depth)
  }

  /// The figures of a client that asks for attributes: each question is an I/O without bytes.
  package init(_ report: StatReport) {
    iops = report.rate
    readIops = report.rate
    writeIops = 0
    bandwidth = 0
    operations = report.operations
    seconds = report.seconds
    latency = report.latency.summary
    clientMicros = (report.userSeconds + report.systemSeconds) * 1e6 / Double(max(1, report.operations))
  }
}

/// What an export spent on a sample, from its start to its end and per request it served then:
/// the ramp counts on both sides, so it does not distort the quotient.
package struct ServerCost: Codable, Equatable, Sendable {
  /// Where the figures come from.
  package enum Source: String, Codable, Sendable {
    /// The export's own statistics.
    case statistics
    /// /proc/PID, read before and after fio; for subjects without statistics.
    case proc
  }

  /// Where the figures come from.
  package var source: Source
  /// CPU microseconds per I/O in user mode.
  package var userMicros: Double
  /// CPU microseconds per I/O in the kernel.
  package var systemMicros: Double
  /// Context switches of all threads per I/O, voluntary and not; nil where the subject does not say.
  package var switches: Double?
  /// The most memory that was resident, in bytes.
  package var peakResident: UInt64?
  /// The most requests in flight at once.
  package var maxInFlight: Int?
  /// Reads and writes per channel (`device.0`, `queue.1`, …).
  package var channels: [String: UInt64]?

  /// CPU microseconds per I/O, user and kernel.
  package var micros: Double { userMicros + systemMicros }
}
