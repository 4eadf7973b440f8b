// A trace of one subject in one mode under a load: recorded, taken apart by trace-cmd, and counted.

internal import Foundation

/// What is traced, and for how long.
package struct TraceRequest: Sendable {
  /// The load and the export's settings.
  package var row: Row
  /// The export.
  package var subject: Subject
  /// The image behind a file node.
  package var image: String
  /// Bytes of the image, and of a null node.
  package var size: Int64
  /// Seconds that are recorded.
  package var seconds: Double
  /// The slowest requests to keep.
  package var slowest: Int
  /// Where the recording is kept, by mode; nil where it is not.
  package var keep: String?

  /// A request to trace `subject` under `row` for `seconds`.
  package init(
    row: Row, subject: Subject, image: String, size: Int64, seconds: Double, slowest: Int, keep: String? = nil
  ) {
    self.row = row
    self.subject = subject
    self.image = image
    self.size = size
    self.seconds = seconds
    self.slowest = slowest
    self.keep = keep
  }
}

/// Records traces.
package struct TraceRecorder: Sendable {
  /// What is recorded where the kernel has it.
  private static let events = [
    "fuse/fuse_request_send", "fuse/fuse_request_end", "sched/sched_switch", "sched/sched_waking",
    "block/block_rq_issue", "block/block_rq_complete", "io_uring/io_uring_submit_req", "io_uring/io_uring_complete",
    "syscalls/sys_exit_read", "syscalls/sys_exit_readv",
  ]
  /// Without these there is nothing to say.
  private static let needed = ["fuse/fuse_request_send", "fuse/fuse_request_end", "sched/sched_switch"]

  private let request: TraceRequest

  /// A recorder for `request`.
  package init(_ request: TraceRequest) { self.request = request }

  /// Serves, loads and traces in `mode`.
  /// - Throws: `TraceError` where nothing can be traced; what keeps an export from starting or a load from running.
  package func record(_ mode: Mode) async throws -> TraceBreakdown {
    let workspace = try Workspace(label: "trace")
    defer { workspace.remove() }
    let column = Column(name: mode.rawValue, kind: .export, mode: mode, subject: request.subject.name)
    let session = try await ExportSession.start(
      request.subject, mode: mode, settings: ExportSettings(row: request.row, column: column, size: request.size),
      workspace: workspace, image: request.image)
    let recorded: (file: String, missing: [String], lost: Int, subject: TraceAnalysis.Subject)
    do {
      recorded = try await load(session, workspace)
    } catch {
      await session.clear()
      throw error
    }
    let stopped = await session.stop()
    guard stopped.isClean else { throw TraceError(description: "the export did not stop as it should") }
    if let keep = request.keep {
      let path = "\(keep)-\(mode.rawValue).dat"
      try? FileManager.default.removeItem(atPath: path)
      try FileManager.default.copyItem(atPath: recorded.file, toPath: path)
    }
    var analysis = TraceAnalysis(mode: mode, subject: recorded.subject, slowest: request.slowest)
    try await read(recorded.file, workspace) { analysis.add($0) }
    var breakdown = analysis.finish()
    guard breakdown.requests > 0 else {
      throw TraceError(
        description: "\(mode.rawValue): no request was answered while the trace ran; take more --seconds")
    }
    if !recorded.missing.isEmpty {
      let names = recorded.missing.joined(separator: ", ")
      breakdown.notes.append("this kernel has no \(names): what they would tell apart counts with its neighbour")
    }
    if recorded.lost > 0 {
      breakdown.notes.append("\(recorded.lost) events found no room in the buffers: take fewer --seconds")
    }
    return breakdown
  }

  /// Runs the load on `session` and records the middle of it.
  private func load(
    _ session: ExportSession, _ workspace: Workspace
  ) async throws -> (file: String, missing: [String], lost: Int, subject: TraceAnalysis.Subject) {
    guard let connection = FuseConnection.number(at: session.mountPoint) else {
      throw TraceError(description: "\(session.mountPoint): no FUSE connection is mounted there")
    }
    let job = FioJob(
      workload: request.row.workload, path: session.mountPoint, size: request.size,
      runtime: request.seconds + Double(Self.looks) * Self.pause + 1, ramp: 0, seed: 1,
      output: workspace.file("fio.json"))
    let instance = try TraceInstance()
    defer { instance.end() }
    let missing = try instance.enable(Self.events)
    if let event = missing.first(where: Self.needed.contains) {
      throw TraceError(description: "this kernel has no tracepoint \(event); Linux 6.10 or later has it")
    }
    async let fio = Command("fio", job.arguments).run(within: .seconds(job.runtime + 60)) { session.abort() }
    try await waitForLoad(connection)
    try instance.start(kibibytes: 16 << 10)
    try await Task.sleep(for: .seconds(request.seconds))
    try instance.stop()
    let tasks = SystemFile.names("/proc/\(session.pid)/task").compactMap { Int32($0) }
    let done = try await fio
    guard done.status.isSuccess else {
      let said = done.output.split(separator: "\n").first.map { ": \($0)" } ?? ""
      throw TraceError(description: "fio (\(done.status))\(said)")
    }
    let lost = instance.lost
    let file = workspace.file("trace.dat")
    try await instance.extract(to: file)
    return (file, missing, lost, TraceAnalysis.Subject(server: Set(tasks), connection: connection))
  }

  /// Looks at the connection, `pause` seconds apart, in which the load gets into its stride.
  private static let looks = 30
  private static let pause = 0.01

  /// Waits until requests have been under way on `connection` at half of the last `looks`: who
  /// only opens the file has one for a moment, and who waits for each has none between two of them.
  private func waitForLoad(_ connection: UInt64) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    var seen: [Bool] = []
    while seen.count < Self.looks || seen.suffix(Self.looks).count(where: \.self) < Self.looks / 2 {
      guard ContinuousClock.now < deadline else {
        throw TraceError(description: "connection \(connection): no load came within 20 s")
      }
      seen.append(FuseConnection.waiting(on: connection) ?? 0 > 0)
      try await Task.sleep(for: .seconds(Self.pause))
    }
  }

  /// Gives `add` the events of `file`, in the order of time.
  private func read(_ file: String, _ workspace: Workspace, add: (TraceEvent) -> Void) async throws {
    let text = workspace.file("trace.txt")
    var command = Command("trace-cmd", ["report", "-R", "-t", "-i", file])
    command.output = .file(text)
    command.errors = .memory
    let done = try await command.run(within: .seconds(120))
    guard done.status.isSuccess, let bytes = SystemFile.bytes(text) else {
      let said = done.errors.split(separator: "\n").first.map { ": \($0)" } ?? ""
      throw TraceError(description: "trace-cmd report (\(done.status))\(said)")
    }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      if let event = TraceEvent(line: line) { add(event) }
    }
  }
}
