// The check before any figure: does an export keep what is written to it, with many writes in flight?

internal import Foundation

/// Writes through an export and reads back what was written. What loses data is not worth measuring.
struct IntegrityCheck {
  /// Jobs at once, each with a part of the file to itself.
  static let jobs = 2
  /// Writes in flight per job: what goes wrong between two requests goes wrong only when there are several.
  static let depth = 16
  /// Bytes of each job's part.
  static let part: Int64 = 8 << 20

  let column: Column
  let subject: Subject

  /// What is wrong with the column's data, in one line; nil if nothing is.
  /// - Throws: `Interrupted`, `FileError` and what keeps any export from being started.
  func fault() async throws -> String? {
    guard let mode = column.mode else { return nil }
    let workspace = try Workspace(label: "integrity")
    defer { workspace.remove() }
    let image = workspace.file("disk.img")
    let size = Self.part * Int64(Self.jobs)
    // An image of its own: the benchmark's holds what the other columns have measured.
    try BenchImage.make(at: image, size: size)
    let row = Row(node: .file, workload: Workload(name: "integrity", operation: .write))
    let session: ExportSession
    do {
      session = try await ExportSession.start(
        subject, mode: mode, settings: ExportSettings(row: row, column: column, size: size), workspace: workspace)
    } catch let fault as ExportStartError {
      if CleanupRegistry.shared.isClosing { throw Interrupted() }
      return "start: \(fault)"
    }
    let command = Command("fio", Self.arguments(path: session.mountPoint, folder: workspace.path))
    let done: Finished
    do {
      done = try await command.run(within: .seconds(60)) { session.abort() }
    } catch {
      await session.clear()
      throw error
    }
    let stop = await session.stop()
    if CleanupRegistry.shared.isClosing { throw Interrupted() }
    if done.expired { return "fio did not end in 60 s and was killed" }
    guard done.status.isSuccess else { return Self.words(done) }
    return stop.isClean ? nil : "the export did not end cleanly after the check (\(stop.status))"
  }

  /// fio's arguments: every block is written once, in an order of chance, and then read and compared.
  static func arguments(path: String, folder: String) -> [String] {
    [
      "--name=integrity", "--filename=\(path)", "--rw=randwrite", "--bs=4k", "--ioengine=libaio",
      "--iodepth=\(depth)", "--numjobs=\(jobs)", "--size=\(part)", "--offset_increment=\(part)", "--direct=1",
      "--allow_file_create=0", "--fallocate=none", "--randrepeat=0", "--randseed=1", "--group_reporting",
      "--verify=crc32c", "--verify_fatal=1", "--verify_state_save=0", "--eta=never",
      "--output-format=json", "--output=\(folder)/integrity.json",
    ]
  }

  /// What fio found: its first complaint about a block, without the path.
  static func words(_ done: Finished) -> String {
    let lines = done.output.split(separator: "\n").map(String.init)
    let complaint = lines.first { $0.hasPrefix("verify:") || $0.contains("verify failed") } ?? lines.first
    guard let complaint else { return "fio (\(done.status)): it says nothing" }
    let short = complaint.components(separatedBy: " at file ")[0].replacing("verify: ", with: "")
    let what = complaint.hasPrefix("verify:") ? "data were not kept" : "fio (\(done.status))"
    return "\(what): \(short)"
  }
}
