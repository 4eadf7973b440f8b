// One sample: a fresh export, a fresh load, and every reason for which their figures do not count.

internal import Foundation

/// Why a sample does not count; its cell fails with this reason.
struct SampleError: Error, Equatable {
  let reason: String

  static func firstLine(_ text: String) -> String? { text.split(separator: "\n").first.map(String.init) }
}

/// Takes samples of one benchmark.
struct SampleRunner {
  /// What is compared: subjects, image, sizes.
  struct Context: Sendable {
    let subjects: [Subject]
    let image: String
    let settings: BenchSettings
    /// The folder that fio's JSON goes to, as an absolute path.
    let folder: String
  }

  /// A sample, and what only its cell keeps.
  struct SampleResult {
    let sample: Sample
    var latency = LatencyHistogram()
    var proof: BenchCell.Proof?
    var exportCommand = ""
    var loadCommand = ""
  }

  let context: Context
  let row: Row
  let column: Column
  let index: Int

  private var seed: UInt64 { context.settings.seed(ofSample: index) }

  var loader: LoadRunner {
    LoadRunner(
      workload: row.workload, settings: context.settings, seed: seed, folder: context.folder,
      output: BenchCell.fioOutput(
        node: row.node, workload: row.workload.name, column: column.name, sample: index))
  }

  /// Takes the sample.
  /// - Throws: `SampleError` if it does not count, `Interrupted` if the harness is ending, and whatever
  ///   keeps any sample from being taken (no room for a folder, no fio).
  func take() async throws -> SampleResult {
    let workspace = try Workspace(label: "bench")
    defer { workspace.remove() }
    guard column.kind == .export, let mode = column.mode,
      let subject = column.subject(among: context.subjects)
    else { return try await withoutFUSE(workspace) }
    let session = try await start(subject, mode, workspace)
    do {
      switch row.workload.operation {
      case .read, .write, .mixed, .fsync, .stat: return try await underLoad(session)
      case .start:
        let seconds = session.readySeconds
        return try await ended(session, value: seconds)
      case .stop: return try await ended(session, value: nil)
      case .stopUnderLoad: return try await stoppedUnderLoad(session)
      case .idle: return try await ended(session, value: try await idleMemory(session))
      }
    } catch {
      if session.isRunning || session.isMounted { await session.clear() }
      throw (error as? SampleError).map { withLog($0, session) } ?? error
    }
  }

  /// A load of the image itself, or of what serves it without FUSE.
  private func withoutFUSE(_ workspace: Workspace) async throws -> SampleResult {
    guard let device = try await BlockDevice.start(column.kind, image: context.image, workspace) else {
      return try taken(try await loader.run(on: context.image), server: nil, proof: nil, exportCommand: "")
    }
    do {
      let load = try await loader.run(on: device.path, socket: device.socket)
      await device.stop()
      return try taken(load, server: nil, proof: nil, exportCommand: device.commandLine)
    } catch {
      await device.stop()
      throw error
    }
  }

  func start(_ subject: Subject, _ mode: Mode, _ workspace: Workspace) async throws -> ExportSession {
    let settings = ExportSettings(row: row, column: column, size: context.settings.size)
    do {
      return try await ExportSession.start(
        subject, mode: mode, settings: settings, workspace: workspace, image: context.image)
    } catch let fault as ExportStartError {
      if CleanupRegistry.shared.isClosing { throw Interrupted() }
      throw SampleError(reason: "start: \(fault)")
    }
  }

  private func underLoad(_ session: ExportSession) async throws -> SampleResult {
    let before = ProcessClock(pid: session.pid)
    let load = try await loader.run(on: session.mountPoint) { session.abort() }
    let after = ProcessClock(pid: session.pid)
    _ = try await stop(session)
    let statistics = try statistics(of: session)
    let proof = try proof(session.mode, statistics)
    return try taken(
      load, server: cost(statistics, before, after, load), proof: proof, exportCommand: session.commandLine)
  }

  /// Stops the export; the sample's value is `value`, or without one the seconds that the stop took.
  func ended(_ session: ExportSession, value: Double?, loadCommand: String = "") async throws -> SampleResult {
    let report = try await stop(session)
    let proof = try proof(session.mode, try statistics(of: session))
    return SampleResult(
      sample: Sample(index: index, seed: seed, value: value ?? report.seconds), proof: proof,
      exportCommand: session.commandLine, loadCommand: loadCommand)
  }

  func stop(_ session: ExportSession) async throws -> StopReport {
    let report = await session.stop()
    if CleanupRegistry.shared.isClosing { throw Interrupted() }
    guard report.isClean else { throw SampleError(reason: Self.words(report)) }
    return report
  }

  // MARK: what the export says

  private func statistics(of session: ExportSession) throws -> ExportStatistics? {
    do {
      let statistics = try session.statistics()
      guard statistics != nil || !session.subject.statistics else {
        throw SampleError(reason: "transport: the export wrote no statistics")
      }
      return statistics
    } catch let fault as FileError {
      throw SampleError(reason: "transport: \(fault)")
    }
  }

  private func proof(_ mode: Mode, _ statistics: ExportStatistics?) throws -> BenchCell.Proof {
    let proof = TransportProof.of(
      mode: mode, eventLoop: column.eventLoop, statistics: statistics, parallelLoad: row.workload.isParallel)
    switch proof {
    case .proven: return .proven
    case .unproven: return .unproven
    case .refuted(let numbers): throw SampleError(reason: "transport: \(numbers)")
    }
  }

  private func cost(
    _ statistics: ExportStatistics?, _ before: ProcessClock?, _ after: ProcessClock?, _ load: Load
  ) -> ServerCost? {
    if let statistics { return ServerCost(statistics, of: row.workload) }
    guard let before, let after else { return nil }
    // A client counts no I/Os of the ramp; they are taken to have come at the same rate.
    let seconds = load.figures.seconds + context.settings.ramp
    return ServerCost(from: before, to: after, operations: load.figures.iops * seconds)
  }

  private func taken(
    _ load: Load, server: ServerCost?, proof: BenchCell.Proof?, exportCommand: String
  ) throws -> SampleResult {
    SampleResult(
      sample: Sample(
        index: index, seed: seed, value: try value(of: load), io: load.figures, server: server, host: load.noise,
        fioOutput: load.output),
      latency: load.latency, proof: proof, exportCommand: exportCommand, loadCommand: load.command)
  }

  private func value(of load: Load) throws -> Double {
    guard row.workload.metric == .latency else { return load.figures.iops }
    guard let latency = load.figures.latency else { throw SampleError(reason: "the load counted no latencies") }
    return Double(latency.p50)
  }

  // MARK: words

  private func withLog(_ fault: SampleError, _ session: ExportSession) -> SampleError {
    SampleError.firstLine(session.log().shown).map {
      SampleError(reason: "\(fault.reason); the export said: \($0)")
    } ?? fault
  }

  private static func words(_ stop: StopReport) -> String {
    if stop.forced { return "stop: the export did not end and was killed" }
    if !stop.leftBehind.isEmpty { return "left behind: \(stop.leftBehind.joined(separator: ", "))" }
    return "the export ended with \(stop.status)"
  }
}
