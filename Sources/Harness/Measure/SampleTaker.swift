// One sample: a fresh export, a fresh fio, and every reason for which their figures do not count.

internal import Foundation

/// Why a sample does not count; its cell fails with this reason.
struct SampleFault: Error, Equatable {
  let reason: String
}

/// Takes samples of one benchmark.
struct SampleTaker {
  /// What is compared: subject, image, sizes.
  struct Setting: Sendable {
    let subject: Subject
    let image: String
    let settings: BenchSettings
    /// The folder that fio's JSON goes to, as an absolute path.
    let folder: String
  }

  /// A sample, and what only its cell keeps.
  struct Taken {
    let sample: Sample
    let latency: LatencyHistogram
    let proof: BenchCell.Proof?
    let exportCommand: String
    let fioCommand: String
  }

  let setting: Setting
  let row: Row
  let column: Column
  let index: Int

  private var seed: UInt64 { setting.settings.seed(ofSample: index) }

  /// Where fio's JSON goes, relative to the run's folder.
  private var output: String {
    BenchCell.fioOutput(node: row.node, workload: row.workload.name, column: column.name, sample: index)
  }

  /// Takes the sample.
  /// - Throws: `SampleFault` if it does not count, `Interrupted` if the harness is ending, and whatever
  ///   keeps any sample from being taken (no room for a folder, no fio).
  func take() async throws -> Taken {
    guard column.kind == .export, let mode = column.mode else {
      let load = try await load(setting.image)
      return taken(load, server: nil, proof: nil, exportCommand: "")
    }
    let workspace = try Workspace(label: "bench")
    defer { workspace.remove() }
    return try await throughExport(mode, workspace)
  }

  private func throughExport(_ mode: Mode, _ workspace: Workspace) async throws -> Taken {
    let session: ExportSession
    do {
      session = try await ExportSession.start(
        setting.subject, mode: mode, settings: exportSettings, workspace: workspace, image: setting.image)
    } catch let fault as ExportStartFault {
      if LiveResources.shared.isClosing { throw Interrupted() }
      throw SampleFault(reason: "start: \(fault)")
    }
    let before = ProcessClock(pid: session.pid)
    let load: Load
    do {
      load = try await self.load(session.mountPoint) { session.abort() }
    } catch {
      await session.clear()
      throw (error as? SampleFault).map { withLog($0, session) } ?? error
    }
    let after = ProcessClock(pid: session.pid)
    let stop = await session.stop()
    if LiveResources.shared.isClosing { throw Interrupted() }
    guard stop.isClean else { throw withLog(SampleFault(reason: Self.words(stop)), session) }
    let statistics = try statistics(of: session)
    let proof = try proof(mode, statistics)
    return taken(
      load, server: cost(statistics, before, after, load), proof: proof, exportCommand: session.commandLine)
  }

  private var exportSettings: ExportSettings {
    var settings = ExportSettings()
    settings.node = row.node
    settings.size = setting.settings.size
    // Read-only workloads get a writable export too: what is compared must not differ in more than the load.
    settings.writable = true
    settings.direct = row.node == .file
    settings.aio = row.node == .file ? .ioUring : .threads
    settings.threads = column.threads
    return settings
  }

  // MARK: the load

  private struct Load {
    let report: FioReport
    let noise: HostNoise?
    let command: String
  }

  /// Runs fio on the file `path`; `lastResort` frees a fio that hangs in a request.
  private func load(_ path: String, lastResort: (@Sendable () async -> Void)? = nil) async throws -> Load {
    let settings = setting.settings
    let file = "\(setting.folder)/\(output)"
    let job = FioJob(
      workload: row.workload, path: path, size: settings.size, runtime: settings.runtime, ramp: settings.ramp,
      seed: seed, output: file)
    let command = Command("fio", job.arguments)
    let before = HostClock.now()
    let done = try await command.run(
      within: .seconds(settings.runtime + settings.ramp + 30), lastResort: lastResort)
    let noise = before.flatMap { before in HostClock.now().map { HostNoise(from: before, to: $0) } }
    if LiveResources.shared.isClosing { throw Interrupted() }
    if done.expired { throw SampleFault(reason: "timeout: fio did not end and was killed") }
    guard let json = FileManager.default.contents(atPath: file) else {
      throw SampleFault(reason: "fio (\(done.status)): \(Self.firstLine(done.output) ?? "it wrote nothing")")
    }
    do {
      let report = try FioReport(json: json)
      if let fault = report.fault(of: job) { throw SampleFault(reason: fault) }
      guard done.status.isSuccess else {
        throw SampleFault(reason: "fio (\(done.status)): \(Self.firstLine(done.output) ?? "it says nothing")")
      }
      return Load(report: report, noise: noise, command: command.line)
    } catch let fault as FioError {
      let said = Self.firstLine(done.output).map { ": \($0)" } ?? ""
      throw SampleFault(reason: "\(fault) (\(done.status))\(said)")
    }
  }

  // MARK: what the export says

  private func statistics(of session: ExportSession) throws -> ExportStatistics? {
    do {
      let statistics = try session.statistics()
      guard statistics != nil || !setting.subject.statistics else {
        throw SampleFault(reason: "transport: the export wrote no statistics")
      }
      return statistics
    } catch let fault as FileFault {
      throw SampleFault(reason: "transport: \(fault)")
    }
  }

  private func proof(_ mode: Mode, _ statistics: ExportStatistics?) throws -> BenchCell.Proof {
    switch TransportProof.of(mode: mode, statistics: statistics, parallelLoad: row.workload.isParallel) {
    case .proven: return .proven
    case .unproven: return .unproven
    case .refuted(let numbers): throw SampleFault(reason: "transport: \(numbers)")
    }
  }

  private func cost(
    _ statistics: ExportStatistics?, _ before: ProcessClock?, _ after: ProcessClock?, _ load: Load
  ) -> ServerCost? {
    if let statistics { return ServerCost(statistics, block: row.workload.block) }
    guard let before, let after else { return nil }
    // fio counts no I/Os of the ramp; they are taken to have come at the same rate.
    let seconds = load.report.seconds + setting.settings.ramp
    return ServerCost(from: before, to: after, operations: load.report.rate * seconds)
  }

  private func taken(_ load: Load, server: ServerCost?, proof: BenchCell.Proof?, exportCommand: String)
    -> Taken
  {
    Taken(
      sample: Sample(
        index: index, seed: seed, value: load.report.rate, io: LoadFigures(load.report), server: server,
        host: load.noise, fioOutput: output),
      latency: load.report.latency, proof: proof, exportCommand: exportCommand, fioCommand: load.command)
  }

  // MARK: words

  private func withLog(_ fault: SampleFault, _ session: ExportSession) -> SampleFault {
    Self.firstLine(session.log()).map { SampleFault(reason: "\(fault.reason); the export said: \($0)") }
      ?? fault
  }

  private static func words(_ stop: StopReport) -> String {
    if stop.forced { return "stop: the export did not end and was killed" }
    if !stop.leftBehind.isEmpty { return "left behind: \(stop.leftBehind.joined(separator: ", "))" }
    return "the export ended with \(stop.status)"
  }

  private static func firstLine(_ text: String) -> String? {
    text.split(separator: "\n").first.map(String.init)
  }
}
