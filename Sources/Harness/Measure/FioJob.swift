// One fio process: the command line that a workload becomes.

/// A fio job on one file.
package struct FioJob: Equatable, Sendable {
  /// What the job does.
  package var workload: Workload
  /// The file: an export's mount point, or the image itself.
  package var path: String
  /// The socket of an NBD server that fio's own client loads in the place of `path`; nil for the file.
  package var socket: String?
  /// Bytes of the file that the job uses.
  package var size: Int64
  /// Measured time in seconds.
  package var runtime: Double
  /// Time in seconds before the measured time, in which everything is thrown away.
  package var ramp: Double
  /// What the random offsets are drawn from; the same seed asks for the same offsets.
  package var seed: UInt64
  /// Where fio writes its JSON.
  package var output: String

  /// A job of `workload` on the file `path`.
  package init(
    workload: Workload, path: String, size: Int64, runtime: Double, ramp: Double, seed: UInt64, output: String
  ) {
    self.workload = workload
    self.path = path
    self.size = size
    self.runtime = runtime
    self.ramp = ramp
    self.seed = seed
    self.output = output
  }

  /// The arguments behind the word `fio`.
  package var arguments: [String] {
    var words = [
      "--name=\(workload.name)", "--ioengine=\(socket == nil ? workload.engine.rawValue : "nbd")",
      // An option of fio's engine, which must have been named before.
      socket.map { "--uri=nbd+unix:///?socket=\($0)" } ?? "--filename=\(path)",
      "--rw=\(readWrite)", "--bs=\(workload.block)",
      "--iodepth=\(workload.depth)", "--numjobs=\(workload.jobs)",
      // Never through the page cache of the client, and never a file that fio made itself
      // because the mount was gone.
      "--direct=1", "--allow_file_create=0", "--fallocate=none", "--size=\(size)",
      "--time_based", "--runtime=\(Self.milliseconds(runtime))", "--ramp_time=\(Self.milliseconds(ramp))",
      "--group_reporting", "--end_fsync=0", "--randrepeat=0", "--randseed=\(seed)",
      // The whole latency, submission included: without asynchronous direct I/O the kernel serves
      // requests inside the submitting call, which the completion latency alone would hide.
      "--lat_percentiles=1", "--clat_percentiles=0", "--percentile_list=50:99:99.9",
      "--eta=never", "--output-format=json+", "--output=\(output)",
    ]
    switch workload.operation {
    case .mixed: words.append("--rwmixread=\(workload.readPercent)")
    case .read, .stopUnderLoad: words.append("--readonly")
    case .fsync: words.append("--fdatasync=1")
    default: break
    }
    return words
      + workload.fioOptions.sorted { $0.key < $1.key }.map { $1.isEmpty ? "--\($0)" : "--\($0)=\($1)" }
  }

  /// fio's word for the operation and the pattern.
  private var readWrite: String {
    switch (workload.operation, workload.pattern) {
    case (.read, .seq), (.stopUnderLoad, .seq): "read"
    case (.read, .rand), (.stopUnderLoad, .rand): "randread"
    case (.mixed, .seq): "rw"
    case (.mixed, .rand): "randrw"
    case (.write, .seq), (.fsync, .seq): "write"
    case (.write, .rand), (.fsync, .rand): "randwrite"
    // They run no fio: SampleRunner measures them itself.
    case (.stat, _), (.start, _), (.stop, _), (.idle, _): "write"
    }
  }

  private static func milliseconds(_ seconds: Double) -> String { "\(Int(clamping: (seconds * 1000).rounded()))ms" }
}
