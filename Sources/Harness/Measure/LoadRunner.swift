// One client process on one file: fio or the client of attributes, with every reason for which it does not count.

internal import Foundation

/// What a client measured.
struct Load {
  let figures: LoadFigures
  let latency: LatencyHistogram
  let noise: HostNoise?
  let command: String
  /// fio's own JSON, relative to the run's folder; nil where no fio ran.
  let output: String?
}

/// Starts the client of one sample.
struct LoadRunner {
  let workload: Workload
  let settings: BenchSettings
  let seed: UInt64
  /// The run's folder, as an absolute path.
  let folder: String
  /// Where fio's JSON goes, relative to it.
  let output: String

  /// Loads the file `path`, or what the NBD server of `socket` serves; `lastResort` frees a client that hangs in a
  /// request.
  /// - Throws: `SampleError` if it does not count, `Interrupted`, `StartError`.
  func run(
    on path: String, socket: String? = nil, lastResort: (@Sendable () async -> Void)? = nil
  ) async throws -> Load {
    let command = workload.operation == .stat ? statCommand(path) : fioCommand(path, socket: socket)
    let name = workload.operation == .stat ? "stat-load" : "fio"
    let before = HostClock.now()
    let done = try await command.run(
      within: .seconds(settings.runtime + settings.ramp + 30), lastResort: lastResort)
    let noise = before.flatMap { before in HostClock.now().map { HostNoise(from: before, to: $0) } }
    if CleanupRegistry.shared.isClosing { throw Interrupted() }
    if done.expired { throw SampleError(reason: "timeout: \(name) did not end and was killed") }
    return workload.operation == .stat
      ? try statLoad(done, command, noise) : try fioLoad(done, command, noise, job(path))
  }

  /// fio's job on the file `path`, for `runtime` seconds if not for the settings' own.
  func job(_ path: String, runtime: Double? = nil) -> FioJob {
    FioJob(
      workload: workload, path: path, size: settings.size, runtime: runtime ?? settings.runtime,
      ramp: settings.ramp, seed: seed, output: "\(folder)/\(output)")
  }

  /// fio with `job(path, runtime:)`, in the folder of its JSON: whatever else its options make it write stays there.
  func fioCommand(_ path: String, socket: String? = nil, runtime: Double? = nil) -> Command {
    var job = job(path, runtime: runtime)
    job.socket = socket
    var command = Command("fio", job.arguments)
    command.directory = (job.output as NSString).deletingLastPathComponent
    return command
  }

  private func statCommand(_ path: String) -> Command {
    var command = Command(
      Subject.ownExecutable,
      ["stat-load", "--seconds", "\(settings.runtime)", "--ramp", "\(settings.ramp)", path])
    command.errors = .memory
    return command
  }

  // MARK: what came of it

  private func statLoad(_ done: Finished, _ command: Command, _ noise: HostNoise?) throws -> Load {
    guard done.status.isSuccess else {
      throw SampleError(
        reason: "stat-load (\(done.status)): \(SampleError.firstLine(done.errors) ?? "it says nothing")")
    }
    guard let report = try? OutsideJSON.decode(StatReport.self, from: done.outputBytes.bytes),
      report.operations > 0
    else { throw SampleError(reason: "stat-load: it counted nothing") }
    return Load(
      figures: LoadFigures(report), latency: report.latency, noise: noise, command: command.line, output: nil)
  }

  /// Bytes of fio's output that are read: with all percentiles and many jobs it has some megabytes.
  private static let largest = 256 << 20

  private func fioLoad(_ done: Finished, _ command: Command, _ noise: HostNoise?, _ job: FioJob) throws -> Load {
    guard let bytes = try? InputFile.bytes(job.output, limit: Self.largest) else {
      throw SampleError(
        reason: "fio (\(done.status)): \(SampleError.firstLine(done.output) ?? "it wrote nothing")")
    }
    do {
      let report = try FioReport(json: Data(bytes))
      if let fault = report.fault(of: job) { throw SampleError(reason: fault) }
      guard done.status.isSuccess else {
        throw SampleError(
          reason: "fio (\(done.status)): \(SampleError.firstLine(done.output) ?? "it says nothing")")
      }
      return Load(
        figures: LoadFigures(report, of: workload), latency: report.latency(of: workload.operation), noise: noise,
        command: command.line, output: output)
    } catch let fault as FioError {
      let said = SampleError.firstLine(done.output).map { ": \($0)" } ?? ""
      throw SampleError(reason: "\(fault) (\(done.status))\(said)")
    }
  }
}
