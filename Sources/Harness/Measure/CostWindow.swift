// The kernel's counts of a server under a load of their own, outside the samples: those stay undisturbed.

internal import Glibc

extension SampleRunner {
  /// What the kernel counts of the column's server under the row's load: a fresh start, a short load that makes the
  /// server start the threads it needs, then a load that is counted from its start to its end.
  /// - Throws: `SampleError` with the reason if it cannot be counted, `Interrupted`, and what keeps any export from
  ///   being started.
  func costs() async throws -> KernelCosts {
    guard column.kind == .export, let mode = column.mode, let subject = column.subject(among: context.subjects) else {
      throw SampleError(reason: "no server")
    }
    let workspace = try Workspace(label: "costs")
    defer { workspace.remove() }
    let session = try await start(subject, mode, workspace)
    do {
      let costs = try await counted(session, workspace)
      _ = try await stop(session)
      return costs
    } catch {
      if session.isRunning || session.isMounted { await session.clear() }
      throw error
    }
  }

  private func counted(_ session: ExportSession, _ workspace: Workspace) async throws -> KernelCosts {
    func load(_ seconds: Double) async throws -> Load {
      var settings = context.settings
      // What comes before the measured time would be counted here and not there.
      (settings.runtime, settings.ramp) = (seconds, 0)
      let runner = LoadRunner(
        workload: row.workload, settings: settings, seed: context.settings.seed(ofSample: 0), folder: workspace.path,
        output: "costs.json")
      return try await runner.run(on: session.mountPoint) { session.abort() }
    }
    _ = try await load(0.1)
    guard let connection = FuseConnection.number(at: session.mountPoint) else {
      throw SampleError(reason: "no FUSE connection at \(session.mountPoint)")
    }
    let counters: ServerCounters
    do throws(KernelCounterError) {
      counters = try ServerCounters(group: session.pid, connection: connection)
    } catch {
      throw SampleError(reason: error.description)
    }
    let load = try await load(context.settings.costSeconds)
    guard let costs = KernelCosts(counters.counts, over: load.figures.operations) else {
      throw SampleError(reason: "fio did no I/O")
    }
    return costs
  }
}
