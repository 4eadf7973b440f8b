// A workload: what one fio job does to an export, in the words of the suites.

/// One way to load an export; a row of a benchmark's table (per node).
package struct Workload: Codable, Equatable, Sendable {
  /// What the job's requests do.
  package enum Operation: String, Codable, CaseIterable, Sendable {
    /// Reads only.
    case read
    /// Writes only.
    case write
    /// Reads and writes, by `readPercent`.
    case mixed
    /// Writes, each followed by an fdatasync.
    case fsync
    /// Attributes of the export's file, asked for again and again.
    case stat
    /// No load: the time from the start of the export's process until it serves.
    case start
    /// No load: the time from the signal until the export's process has ended.
    case stop
    /// The time from the signal until the process has ended, under the load of reads.
    case stopUnderLoad = "stop-under-load"
    /// No load: the memory of an export that has served one request.
    case idle

    /// Whether fio moves data, so that the image without FUSE and a null node can do the same.
    package var isData: Bool {
      switch self {
      case .read, .write, .mixed, .fsync: true
      case .stat, .start, .stop, .stopUnderLoad, .idle: false
      }
    }

    /// Whether fio makes the load.
    package var runsFio: Bool { isData || self == .stopUnderLoad }

    /// What rows of this operation can be judged by, the usual one first.
    package var metrics: [Metric] {
      switch self {
      case .read, .write, .mixed: [.rate, .latency]
      case .fsync, .stat: [.latency, .rate]
      case .start, .stop, .stopUnderLoad: [.time]
      case .idle: [.memory]
      }
    }

    /// What rows of this operation are judged by unless they say otherwise.
    package var metric: Metric { metrics[0] }
  }

  /// In which order the job goes through the file.
  package enum Pattern: String, Codable, CaseIterable, Sendable {
    /// From front to back, each job from the front.
    case seq
    /// Anywhere.
    case rand
  }

  /// How the job hands requests to the kernel: fio's I/O engine.
  package enum Engine: String, Codable, CaseIterable, Sendable {
    /// Linux AIO: many requests in flight.
    case libaio
    /// io_uring: many requests in flight.
    case ioUring = "io_uring"
    /// preadv2/pwritev2: one request at a time.
    case pvsync2

    /// Whether one job of this engine can have more than one request in flight.
    package var isAsynchronous: Bool { self != .pvsync2 }
  }

  /// The name of the row, unique in its suite: the labels of its axes, as in `read rand aio ×4`.
  package var name: String
  /// Reads, writes or both.
  package var operation: Operation
  /// Per cent of reads, for `mixed`.
  package var readPercent: Int
  /// Sequential or random.
  package var pattern: Pattern
  /// Bytes per request.
  package var block: Int
  /// The I/O engine.
  package var engine: Engine
  /// Requests that each job keeps in flight.
  package var depth: Int
  /// fio jobs at once, each with `depth` requests.
  package var jobs: Int
  /// What the row is judged by.
  package var metric: Metric
  /// Further options of fio, by name without the dashes; they stand behind all others.
  package var fioOptions: [String: String]
  /// Whether the quick budget measures this row.
  package var quick: Bool

  /// A workload; 4 KiB sequential reads, one at a time, unless told otherwise.
  package init(
    name: String, operation: Operation = .read, readPercent: Int = 70, pattern: Pattern = .seq,
    block: Int = 4096, engine: Engine = .pvsync2, depth: Int = 1, jobs: Int = 1,
    metric: Metric? = nil, fioOptions: [String: String] = [:], quick: Bool = true
  ) {
    self.name = name
    self.operation = operation
    self.readPercent = readPercent
    self.pattern = pattern
    self.block = block
    self.engine = engine
    self.depth = depth
    self.jobs = jobs
    self.metric = metric ?? operation.metric
    self.fioOptions = fioOptions
    self.quick = quick
  }

  /// Options of fio that the harness sets itself: by a knob, or because its figures would not be what they say.
  private static let ownOptions: Set<String> = [
    "name", "filename", "rw", "readwrite", "bs", "blocksize", "ioengine", "iodepth", "numjobs", "runtime",
    "time_based", "ramp_time", "group_reporting", "randseed", "randrepeat", "lat_percentiles", "clat_percentiles",
    "percentile_list", "eta", "output", "output-format", "allow_file_create", "rwmixread", "fdatasync",
    "thread", "ignore_error", "continue_on_error",
  ]

  /// Why this workload would not measure what it says, or nil when it does.
  package var fault: String? {
    if depth < 1 || jobs < 1 || block < 512 || !block.isMultiple(of: 512) {
      return "depth and jobs must be at least 1, block a multiple of 512"
    }
    if depth > 1, !engine.isAsynchronous {
      return
        "engine \(engine.rawValue) has one request in flight, so depth \(depth) would be a fiction; use libaio"
    }
    if operation == .mixed, !(1...99).contains(readPercent) {
      return "read-percent of a mixed workload must be between 1 and 99"
    }
    if operation == .stat, depth > 1 || jobs > 1 {
      return "stat is one client with one question at a time; depth and jobs must be 1"
    }
    if !operation.metrics.contains(metric) {
      let words = operation.metrics.map(\.rawValue).joined(separator: " or ")
      return "\(operation.rawValue) is judged by \(words), not by \(metric.rawValue)"
    }
    if let option = fioOptions.keys.sorted().first(where: Self.ownOptions.contains) {
      return "fio.\(option) is set by the harness; use the knob for it, if there is one"
    }
    if !fioOptions.isEmpty, !operation.runsFio { return "\(operation.rawValue) runs no fio, so fio.OPTION has no use" }
    return nil
  }

  /// Whether enough requests are in flight at once that every queue of an export must get some.
  /// One job may well be served by one queue alone, so only several jobs count.
  package var isParallel: Bool { jobs > 1 }
}
