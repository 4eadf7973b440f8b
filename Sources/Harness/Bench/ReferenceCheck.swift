// The check before any figure of a reference: one that cannot start is left out and named, and the run goes on.

internal import Foundation

/// Starts a reference once and takes it apart again.
struct ReferenceCheck {
  let column: Column
  /// What serves it; nil for what is no export.
  let subject: Subject?

  /// Why it cannot be measured, in one line; nil if it can.
  /// - Throws: `Interrupted`, and what keeps any process or work folder from being made.
  func fault() async throws -> String? {
    guard column.kind != .raw else { return nil }
    let workspace = try Workspace(label: "reference")
    defer { workspace.remove() }
    do {
      if column.kind == .export { return try await exportFault(workspace) }
      let image = workspace.file("disk.img")
      try BenchImage.make(at: image, size: Self.size)
      return try await blockFault(image, workspace)
    } catch let fault as SampleError {
      return fault.reason
    }
  }

  private static let size: Int64 = 1 << 20

  private func exportFault(_ workspace: Workspace) async throws -> String? {
    guard let subject, let mode = column.mode else { return "nothing serves it" }
    let row = Row(node: column.node ?? .null, workload: Workload(name: "reference"))
    do {
      let session = try await ExportSession.start(
        subject, mode: mode, settings: ExportSettings(row: row, column: column, size: Self.size),
        workspace: workspace)
      let stop = await session.stop()
      if CleanupRegistry.shared.isClosing { throw Interrupted() }
      return stop.isClean ? nil : "it did not end cleanly (\(stop.status))"
    } catch let fault as ExportStartError {
      if CleanupRegistry.shared.isClosing { throw Interrupted() }
      return "start: \(fault)"
    } catch let fault as StartError {
      return "\(fault)"
    }
  }

  private func blockFault(_ image: String, _ workspace: Workspace) async throws -> String? {
    guard let device = try await BlockDevice.start(column.kind, image: image, workspace) else { return nil }
    // A fio without the engine says so only when it is asked to use it.
    var job = FioJob(
      workload: Workload(name: "reference"), path: device.path, size: Self.size, runtime: 0.1, ramp: 0, seed: 1,
      output: workspace.file("reference.json"))
    job.socket = device.socket
    let done: Finished
    do {
      done = try await Command("fio", job.arguments).run(within: .seconds(20))
    } catch {
      await device.stop()
      throw error
    }
    await device.stop()
    if CleanupRegistry.shared.isClosing { throw Interrupted() }
    guard !done.status.isSuccess else { return nil }
    return "fio (\(done.status)): \(SampleError.firstLine(done.output) ?? "it says nothing")"
  }
}
