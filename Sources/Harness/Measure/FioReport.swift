// What fio's JSON says: rates, latencies and errors of one job, and whether it can be believed.

package import Foundation

/// Why a fio run is no sample; one line for a person.
package struct FioError: Error, Equatable, CustomStringConvertible {
  /// What is wrong with the run.
  package let description: String
}

/// The figures of one fio process whose jobs were reported as one group.
package struct FioReport: Equatable, Sendable {
  /// As in `fio-3.33`.
  package let version: String
  /// Reads per second.
  package let readRate: Double
  /// Writes per second.
  package let writeRate: Double
  /// Bytes per second, reads and writes.
  package let bandwidth: Double
  /// I/Os in the measured time.
  package let operations: UInt64
  /// Measured seconds, of the slower direction.
  package let seconds: Double
  /// Latency from submission to completion, reads and writes together.
  package let latency: LatencyHistogram
  /// Latency of the flushes between the writes; empty where the job does none.
  package let flushLatency: LatencyHistogram
  /// How many I/Os were in flight when one was submitted, the new one included: fio's bins, each by the number that
  /// it begins with (1, 2, 4 … 64), as shares that add up to 1.
  package let depths: [Int: Double]
  /// CPU seconds of all jobs in user mode.
  package let userSeconds: Double
  /// CPU seconds of all jobs in the kernel.
  package let systemSeconds: Double
  /// Requests fio had to cut or saw cut.
  package let shortOperations: UInt64
  /// errno of the first failed I/O, 0 if none failed.
  package let error: Int
  /// I/Os that failed and were counted rather than fatal.
  package let totalErrors: Int

  /// I/Os per second, reads and writes.
  package var rate: Double { readRate + writeRate }

  /// The figures in `json`, fio's output in its format `json+`.
  ///
  /// fio writes complaints into the same file before the JSON begins; they are skipped here.
  /// - Throws: `FioError` if there is no JSON with exactly one group in it.
  package init(json: Data) throws {
    guard let start = Self.start(of: json) else { throw FioError(description: "fio wrote no JSON") }
    let document: Document
    do {
      document = try OutsideJSON.decode(Document.self, from: json[start...])
    } catch let error as OutsideJSONError {
      throw FioError(description: "fio's JSON is damaged: \(error)")
    } catch {
      throw FioError(description: "fio's JSON is not as expected: \(Self.reason(error))")
    }
    guard document.jobs.count == 1, let job = document.jobs.first else {
      throw FioError(description: "fio reported \(document.jobs.count) groups instead of one")
    }
    version = document.version
    readRate = job.read.iops
    writeRate = job.write.iops
    bandwidth = Double(job.read.bw_bytes) + Double(job.write.bw_bytes)
    operations = try Self.sum([job.read.total_ios, job.write.total_ios], "total_ios")
    seconds = Double(max(job.read.runtime, job.write.runtime)) / 1000
    var latency = try job.read.lat_ns.histogram()
    latency.merge(try job.write.lat_ns.histogram())
    self.latency = latency
    flushLatency = try job.sync?.lat_ns?.histogram() ?? LatencyHistogram()
    // With a ramp fio counts that too, so that its percentages add up to more than 100.
    let levels = (job.iodepth_level ?? [:]).reduce(into: [Int: Double]()) { levels, entry in
      if let depth = Int(entry.key.drop { !$0.isNumber }) { levels[depth, default: 0] += entry.value }
    }
    let whole = levels.values.reduce(0, +)
    depths = whole > 0 ? levels.mapValues { $0 / whole } : [:]
    // job_runtime is the time of all jobs added up, and the percentages are of that time.
    userSeconds = job.usr_cpu / 100 * Double(job.job_runtime) / 1000
    systemSeconds = job.sys_cpu / 100 * Double(job.job_runtime) / 1000
    // fio 3.33 counts every fdatasync as a short read, in jobs that read nothing.
    shortOperations = try Self.sum(
      [job.read, job.write].filter { $0.total_ios > 0 }.map(\.short_ios), "short_ios")
    error = job.error
    totalErrors = job.total_err ?? 0
  }

  /// The latency that a row of `operation` is about: that of the flush where each write has one.
  package func latency(of operation: Workload.Operation) -> LatencyHistogram {
    operation == .fsync ? flushLatency : latency
  }

  /// The share of I/Os that were submitted with (as far as fio's bins tell) `depth` in flight; nil if fio does not say.
  package func share(atDepth depth: Int) -> Double? {
    guard !depths.isEmpty else { return nil }
    // The bins begin at powers of two, the last one at 64.
    let bin = depth >= 64 ? 64 : 1 << (Int.bitWidth - 1 - max(1, depth).leadingZeroBitCount)
    return depths.reduce(0) { $1.key >= bin ? $0 + $1.value : $0 }
  }

  /// Why these figures are no sample of `job`, or nil when they are one.
  package func fault(of job: FioJob) -> String? {
    if error != 0 { return "fio: \(String(cString: strerror(Int32(clamping: error)))) (errno \(error))" }
    if totalErrors != 0 { return "fio counted \(totalErrors) failed I/Os" }
    if operations == 0 { return "fio did no I/O in \(job.runtime) s" }
    if shortOperations != 0 { return "fio saw \(shortOperations) short I/Os" }
    // A job that ends early has seen an error or the end of the file; its rate is of another load.
    if seconds < job.runtime * 0.9 {
      return "fio measured \(seconds) s instead of \(job.runtime) s"
    }
    if latency(of: job.workload.operation).count == 0 { return "fio wrote no latency bins" }
    return nil
  }

  /// The sum of counts from outside, which may be anything. More than 2⁵³ I/Os no machine does in a sample, and sums of
  /// samples stay far from where a number ends.
  fileprivate static func sum(_ counts: [UInt64], _ name: String) throws(FioError) -> UInt64 {
    var sum: UInt64 = 0
    for count in counts {
      let (next, overflows) = sum.addingReportingOverflow(count)
      guard !overflows, next <= 1 << 53 else {
        throw FioError(description: "fio's JSON is not as expected: '\(name)' cannot be so much")
      }
      sum = next
    }
    return sum
  }

  // Complaints come as lines of their own, so the JSON starts at a line that begins with a brace.
  private static func start(of json: Data) -> Data.Index? {
    var lineStart = true
    for index in json.indices {
      if lineStart, json[index] == UInt8(ascii: "{") { return index }
      lineStart = json[index] == UInt8(ascii: "\n")
    }
    return nil
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "'\(key.stringValue)' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' has another type"
    default: "it was cut off"
    }
  }
}

// fio's JSON, with fio's names and nothing that is not used.
private struct Document: Decodable {
  let version: String
  let jobs: [Job]

  enum CodingKeys: String, CodingKey {
    case version = "fio version"
    case jobs
  }

  struct Job: Decodable {
    let error: Int
    let total_err: Int?
    let job_runtime: UInt64
    let usr_cpu: Double
    let sys_cpu: Double
    let read: Direction
    let write: Direction
    let sync: Flushes?
    let iodepth_level: [String: Double]?
  }

  struct Flushes: Decodable {
    let lat_ns: Latency?
  }

  struct Direction: Decodable {
    let iops: Double
    let bw_bytes: UInt64
    let total_ios: UInt64
    let short_ios: UInt64
    let runtime: UInt64
    let lat_ns: Latency
  }

  struct Latency: Decodable {
    let max: UInt64
    let bins: [String: UInt64]?

    func histogram() throws(FioError) -> LatencyHistogram {
      _ = try FioReport.sum(Array((bins ?? [:]).values), "bins")
      var counts: [UInt64: UInt64] = [:]
      for (value, amount) in bins ?? [:] {
        if let value = UInt64(value) { counts[value, default: 0] += amount }
      }
      return LatencyHistogram(bins: counts, longest: max)
    }
  }
}
