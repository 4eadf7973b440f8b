// What a benchmark measures, as values: a cell and its samples.

/// What one column did in one row.
public struct BenchCell: Codable, Equatable, Sendable {
  /// What the export served.
  public var node: NodeKind
  /// The name of the row's workload.
  public var workload: String
  /// The name of the column.
  public var column: String
  /// The good samples, in the order they were taken.
  public var samples: [Sample]
  /// The samples that do not count because the machine was disturbed.
  public var dropped: [DroppedSample]
  /// Why the cell failed, or nil. A failed cell has no figure, whatever its samples say.
  public var failure: String?
  /// Latency in nanoseconds over all samples, from their merged bins.
  public var latency: LatencySummary?
  /// The same bins in full, for curves: nanoseconds (the middle of a bin) and I/Os; empty where no fio ran.
  public var latencyBins: [LatencyBin]
  /// How it was shown that the transport asked for did the work.
  public var proof: Proof?
  /// What a reader of the figures must know beside them, one line each; empty if there is nothing.
  public var notes: [String]
  /// The export's command line in the first sample; empty for `raw`.
  public var exportCommand: String
  /// The load's command line in the first sample, fio's as a rule; empty where the row has no load.
  public var fioCommand: String

  /// How well it is known that the transport asked for did the work.
  public enum Proof: String, Codable, Sendable {
    /// The export's own statistics show it.
    case proven
    /// The subject keeps no statistics.
    case unproven
  }

  /// A cell without samples.
  public init(node: NodeKind, workload: String, column: String) {
    self.node = node
    self.workload = workload
    self.column = column
    self.samples = []
    self.dropped = []
    self.latencyBins = []
    self.notes = []
    self.exportCommand = ""
    self.fioCommand = ""
  }

  /// The name of the cell's row: `file read rand aio ×1`.
  public var title: String { "\(node.rawValue) \(workload)" }

  /// The cell in one line: `file read rand aio ×1, legacy: 31.5 k IOPS`, or why it failed.
  public func line(in metric: Metric) -> String {
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
  public static func fioOutput(node: NodeKind, workload: String, column: String, sample: Int) -> String {
    let name = "\(node.rawValue)-\(workload)-\(column)-\(sample)".replacing("×", with: "x")
    let plain = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "-" }
    return "fio/\(String(plain)).json"
  }
}

/// One fresh start of the export under one fresh load.
public struct Sample: Codable, Equatable, Sendable {
  /// Counted from 0 within the cell; samples of the same number were taken together, saw the same seed in every
  /// column, and make a pair when two columns are compared.
  public var index: Int
  /// The seed of the job's random offsets.
  public var seed: UInt64
  /// What the row is judged by, in the unit of its metric.
  public var value: Double
  /// What fio (or the load in its place) measured; nil where the row has no load.
  public var io: LoadFigures?
  /// What the export spent; nil for `raw`, and where the row has no load.
  public var server: ServerCost?
  /// What else the machine did meanwhile.
  public var host: HostNoise?
  /// What disturbed the machine meanwhile, in one line, where the sample counts all the same because the row had
  /// dropped as many as it may; nil if nothing did.
  public var disturbance: String?
  /// fio's own JSON, relative to the run's folder; nil where no fio ran.
  public var fioOutput: String?

  /// A sample that measured `value`.
  public init(
    index: Int, seed: UInt64, value: Double, io: LoadFigures? = nil, server: ServerCost? = nil,
    host: HostNoise? = nil, fioOutput: String? = nil
  ) {
    self.index = index
    self.seed = seed
    self.value = value
    self.io = io
    self.server = server
    self.host = host
    self.fioOutput = fioOutput
  }
}

/// A sample that was thrown away because the machine was disturbed while it was taken.
public struct DroppedSample: Codable, Equatable, Sendable {
  /// The number that the sample would have had.
  public var index: Int
  /// What disturbed it, in one line.
  public var reason: String

  /// The sample `index`, dropped for `reason`.
  public init(index: Int, reason: String) {
    self.index = index
    self.reason = reason
  }
}

/// What a load measured of itself.
public struct LoadFigures: Codable, Equatable, Sendable {
  /// I/Os per second, reads and writes.
  public var iops: Double
  /// Reads per second.
  public var readIops: Double
  /// Writes per second.
  public var writeIops: Double
  /// Bytes per second, reads and writes.
  public var bandwidth: Double
  /// I/Os in the measured time.
  public var operations: UInt64
  /// Measured seconds.
  public var seconds: Double
  /// Latency in nanoseconds, submission included.
  public var latency: LatencySummary?
  /// CPU microseconds per I/O of the client, user and kernel.
  public var clientMicros: Double
  /// The share (0…1) of the I/Os that each job submitted with as many in flight as it was asked for; nil where
  /// the load does not say.
  public var atDepth: Double?

  /// The figures of `report`, of a job of `workload`: which latency counts, and which depth was asked for.
  public init(_ report: FioReport, of workload: Workload = Workload(name: "")) {
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
  public init(_ report: StatReport) {
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
public struct ServerCost: Codable, Equatable, Sendable {
  /// Where the figures come from.
  public enum Source: String, Codable, Sendable {
    /// The export's own statistics.
    case statistics
    /// /proc/PID, read before and after fio; for subjects without statistics.
    case proc
  }

  /// Where the figures come from.
  public var source: Source
  /// CPU microseconds per I/O in user mode.
  public var userMicros: Double
  /// CPU microseconds per I/O in the kernel.
  public var systemMicros: Double
  /// Context switches of all threads per I/O, voluntary and not; nil where the subject does not say.
  public var switches: Double?
  /// The most memory that was resident, in bytes.
  public var peakResident: UInt64?
  /// The most requests in flight at once.
  public var maxInFlight: Int?
  /// Reads and writes per channel (`device.0`, `queue.1`, …).
  public var channels: [String: UInt64]?

  /// CPU microseconds per I/O, user and kernel.
  public var micros: Double { userMicros + systemMicros }

  /// A cost with the figures given, all per I/O.
  public init(
    source: Source, userMicros: Double, systemMicros: Double, switches: Double? = nil,
    peakResident: UInt64? = nil, maxInFlight: Int? = nil, channels: [String: UInt64]? = nil
  ) {
    self.source = source
    self.userMicros = userMicros
    self.systemMicros = systemMicros
    self.switches = switches
    self.peakResident = peakResident
    self.maxInFlight = maxInFlight
    self.channels = channels
  }
}
