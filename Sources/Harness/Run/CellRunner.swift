// Runs one cell: makes the image, starts the export, takes the steps, stops, and looks for what is left.

import Foundation
import Glibc

/// Runs the steps of a scenario and writes the transcript.
package struct CellRunner {
  private let cell: Cell
  private let workspace: Workspace
  private var result = CellRun()
  private var session: ExportSession?
  private var jobs: [String: Child] = [:]
  /// The marks of what steps have started: a daemon of theirs outlives its step, and not the cell.
  private var marks: Set<String> = []
  /// Whether the scenario itself has sent SIGKILL to the export that runs now.
  private var killsExport = false

  private init(_ cell: Cell, _ workspace: Workspace) {
    self.cell = cell
    self.workspace = workspace
  }

  private var scenario: Scenario { cell.scenario }
  private var image: String { workspace.file("disk.img") }
  private var mountPoint: String { workspace.file("export") }
  private var scratch: String { workspace.file("scratch") }

  /// Runs `cell` in `workspace`. What goes wrong in the export is a finding of the run, not an error.
  /// - Throws: `Interrupted`.
  package static func run(_ cell: Cell, in workspace: Workspace) async throws -> CellRun {
    let clock = ContinuousClock.now
    var runner = CellRunner(cell, workspace)
    if let reason = missing(for: cell) ?? runner.missingHere() {
      runner.result.skip = reason
      return runner.result
    }
    let room = DiskRoom.needed(by: cell.scenario)
    if let reason = try await DiskRoom.shared.reserve(room, in: workspace.path) {
      runner.result.skip = reason
      return runner.result
    }
    defer { DiskRoom.shared.release(room) }
    let kernelLog = KernelLog()
    do {
      try await runner.runSteps()
    } catch is EarlyEndError {
      runner.result.isComplete = false
    } catch let error as Interrupted {
      await runner.cleanUp()
      throw error
    } catch {
      // No room for an image, no descriptor for a child: that is this cell's end and not the run's.
      runner.result.isComplete = false
      runner.result.findings.append(Finding(.setup, "\(error)"))
    }
    await runner.cleanUp()
    runner.result.kernelLog = kernelLog?.news()
    runner.result.seconds = clock.secondsAgo
    return runner.result
  }

  /// What the scenario needs of the work folder and does not find, or nil.
  private func missingHere() -> String? {
    if scenario.runsCommands, let reason = StepVariables.reasonAgainst(workspace.path) { return reason }
    if scenario.requires.otherUser { return StepVariables.reasonOthersCannotEnter(workspace.path) }
    return nil
  }

  /// A finding after which no further step makes sense.
  private struct EarlyEndError: Error {}

  private mutating func fail(_ reason: FailureReason, _ detail: String) throws -> Never {
    result.findings.append(Finding(reason, detail))
    throw EarlyEndError()
  }

  // MARK: Steps

  private mutating func runSteps() async throws {
    guard mkdir(scratch, 0o755) == 0 else {
      throw FileError(file: scratch, message: "cannot be made: \(String(cString: strerror(errno)))")
    }
    // Whatever the caller's umask is: other users work here too.
    chmod(scratch, 0o755)
    if scenario.export.node == .file { try scenario.image.make(at: image) }
    if scenario.startsExport { try await start(scenario.export) }
    for step in scenario.steps {
      if CleanupRegistry.shared.isClosing { throw Interrupted() }
      let filters = scenario.filters + step.filters
      let limit = step.timeout ?? scenario.timeout
      switch step.action {
      case .run(let lines):
        for line in lines { try await run(line, filters: filters, limit: limit) }
      case .probe(let lines): try await probe(lines, filters: filters, limit: limit)
      case .start(let job, let line):
        tell("= start \(job): \(line)\n")
        jobs[job] = try await begin(try shell(line))
      case .wait(let job): try await wait(job, filters: filters, limit: limit)
      case .export(let action): try await act(action, filters: filters)
      case .verify(let conditions):
        for condition in conditions { await verify(condition) }
      }
    }
  }

  /// Adds a line of the scenario's own to the transcript.
  private mutating func tell(_ text: String) {
    result.rawTranscript += text
    result.transcript += hidePaths(ByteText(text)).asRecorded
  }

  /// Adds what a program has printed, so that it ends its line.
  private mutating func tell(output: ByteText, filters: [TranscriptFilter]) throws {
    var text = output
    if !text.isEmpty, !text.endsLine { text += "\n" }
    result.rawTranscript += text
    result.transcript += filters.reduce(hidePaths(text)) { $1.apply($0) }.recorded
    guard result.transcript.bytes.count <= CellRun.transcriptLimit else {
      try fail(.output, "the transcript is longer than \(ByteSize.format(Int64(CellRun.transcriptLimit))) bytes")
    }
  }

  /// How the subject is started by hand, for commands that do.
  private func subjectVariables() throws -> [String: String] {
    let places = Subject.Places(
      image: image, mountPoint: mountPoint, pidfile: workspace.file("export.pid"),
      statistics: workspace.file("statistics.json"))
    let cpus = Int(sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    guard let program = cell.subject.executable(), !Subject.isOneWord(program) else {
      return try cell.subject.environment(mode: cell.mode, settings: scenario.export, places: places, cpus: cpus)
    }
    let name = "export-program"
    let folder = workspace.file("bin")
    mkdir(folder, 0o755)
    symlink(program, folder + "/" + name)
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    return try cell.subject.environment(
      mode: cell.mode, settings: scenario.export, places: places, cpus: cpus, name: name
    ).merging(["PATH": "\(folder):\(path)"]) { $1 }
  }

  private var variables: StepVariables {
    StepVariables(export: mountPoint, image: image, scratch: scratch, work: workspace.path)
  }

  /// Paths of this run become the variables by which scenarios know them.
  private func hidePaths(_ text: ByteText) -> ByteText {
    variables.hidden.reduce(text) { $0.replacing(ByteText($1.path), with: ByteText($1.name)) }
  }

  private func shell(_ line: String) throws -> Command {
    // Files of steps have the usual permissions, whatever the caller's umask is.
    var command = Command("/bin/sh", ["-c", "umask 022; \(line)"])
    command.directory = scratch
    command.environment = [
      "PIDFILE": workspace.file("export.pid"),
      "FUSEBENCH": Subject.ownExecutable, "MODE": cell.mode.rawValue,
    ].merging(variables.environment) { $1 }.merging(try subjectVariables()) { $1 }
    return command
  }

  private mutating func run(_ line: String, filters: [TranscriptFilter], limit: Double) async throws {
    tell("$ \(line)\n")
    try await take(try await begin(try shell(line)), named: line, filters: filters, limit: limit)
  }

  private mutating func wait(_ job: String, filters: [TranscriptFilter], limit: Double) async throws {
    tell("= wait \(job)\n")
    guard let child = jobs.removeValue(forKey: job) else { return }
    try await take(child, named: job, filters: filters, limit: limit)
  }

  private mutating func probe(_ lines: [String], filters: [TranscriptFilter], limit: Double) async throws {
    var command = Command(Subject.ownExecutable, ["probe", "--export", mountPoint, "--image", image])
    command.input = lines.joined(separator: "\n") + "\n"
    let name = "probe: \(lines.first ?? "")"
    try await take(try await begin(command), named: name, filters: filters, limit: limit)
  }

  private mutating func begin(_ command: Command) async throws -> Child {
    let child = try await Child.start(command)
    marks.insert(child.mark)
    return child
  }

  /// Takes a child's output and status into the transcript.
  private mutating func take(_ child: Child, named name: String, filters: [TranscriptFilter], limit: Double)
    async throws
  {
    let session = self.session
    let deadline = ContinuousClock.now + .seconds(limit)
    while await child.status(within: min(.milliseconds(250), max(.zero, deadline - .now))) == nil,
      ContinuousClock.now < deadline, child.outputLength <= CellRun.printLimit
    {}
    let printsWithoutEnd = child.outputLength > CellRun.printLimit
    if !child.hasEnded, !printsWithoutEnd { noteState("'\(name)' did not end") }
    let done = await child.finish(within: .zero) { session?.abort() }
    let name = ByteText(name).shown(atMost: 200)
    try tell(output: done.outputBytes, filters: filters)
    if done.outputLength > Int64(done.outputBytes.bytes.count) {
      let limit = ByteSize.format(Int64(Finished.outputLimit))
      tell("[what follows \(limit) of output is cut off]\n")
      let fate = printsWithoutEnd ? " and was ended" : ""
      result.findings.append(
        Finding(.output, "'\(name)' printed \(done.outputLength) bytes\(fate); a transcript takes \(limit) of a step"))
    }
    if printsWithoutEnd { throw EarlyEndError() }
    if done.expired { try fail(.timeout, "'\(name)' did not end within \(limit) s") }
    if !done.status.isSuccess { tell("[\(done.status)]\n") }
  }

  // MARK: The export

  private mutating func act(_ action: ExportAction, filters: [TranscriptFilter]) async throws {
    switch action {
    case .start(let settings):
      tell("= export start\n")
      try await start(settings)
    case .refuse(let settings):
      tell("= export start\n")
      try await refuse(settings, filters: filters)
    case .stop(let signal):
      tell("= export stop\(signal.map { " \($0.rawValue)" } ?? "")\n")
      killsExport = killsExport || signal == .kill
      if let report = await stop(signal.map { [$0] }) { tell("[\(report.status)]\n") }
    case .signal(let signal):
      tell("= export signal \(signal.rawValue)\n")
      killsExport = killsExport || signal == .kill
      session?.send(signal)
    case .wait:
      tell("= export wait\n")
      guard let session else { break }
      let limit = session.subject.stop.within
      guard let status = await session.status(within: .seconds(limit)) else {
        noteState("the export did not end")
        try fail(.timeout, "the export did not end within \(limit) s")
      }
      tell("[\(status)]\n")
    case .kill:
      tell("= export kill\n")
      killsExport = true
      await session?.kill()
    case .abort:
      tell("= export abort\n")
      session?.abort()
    }
  }

  private mutating func start(_ settings: ExportSettings) async throws {
    if session != nil { await endSession() }
    do {
      let session = try await ExportSession.start(
        cell.subject, mode: cell.mode, settings: settings, workspace: workspace, image: image)
      result.commandLines.append(session.commandLine)
      self.session = session
    } catch let fault as ExportStartError {
      result.daemonLog += fault.log
      try fail(.start, "\(fault)")
    }
  }

  private mutating func refuse(_ settings: ExportSettings, filters: [TranscriptFilter]) async throws {
    if session != nil { await endSession() }
    do {
      session = try await ExportSession.start(
        cell.subject, mode: cell.mode, settings: settings, workspace: workspace, image: image)
      tell("started\n")
    } catch let fault as ExportStartError {
      try tell(output: fault.log, filters: filters)
      tell("[\(fault.status.map { "\($0)" } ?? fault.reason)]\n")
    }
  }

  /// Stops the export and takes its report, statistics and log; nil if none was running.
  private mutating func stop(_ signals: [Signal]?) async -> StopReport? {
    guard let session else { return nil }
    noteState("before the export's stop")
    self.session = nil
    defer { killsExport = false }
    let report = await session.stop(signals: signals)
    result.daemonLog += session.log()
    if report.forced {
      let limit = session.subject.stop.within
      result.findings.append(
        Finding(.timeout, "the export did not stop within \(limit) s; it was ended by force"))
      return report
    }
    if case .signaled(let number) = report.status {
      // What a killed export leaves behind, and the statistics that it lacks, are the signal's work: a scenario that
      // kills expects them, and where nobody was to kill, the kill is the finding.
      if !(killsExport && number == SIGKILL) {
        result.findings.append(
          Finding(.exit, "the export was ended by \(report.status), which the scenario did not send"))
      }
      return report
    }
    for thing in report.leftBehind {
      result.findings.append(Finding(.leftBehind, "\(thing) was still there after the export's end"))
    }
    if !report.status.isSuccess {
      result.findings.append(Finding(.exit, "the export ended with \(report.status)"))
    }
    takeProof(session)
    return report
  }

  /// Notes what the connection and the export's threads do now, while there is still something to see.
  private mutating func noteState(_ occasion: String) {
    guard let session else { return }
    result.connectionState += "# \(occasion)\n\(session.state())\n"
  }

  private mutating func endSession() async { _ = await stop(nil) }

  private mutating func takeProof(_ session: ExportSession) {
    do {
      let statistics = try session.statistics()
      if session.subject.statistics, statistics == nil {
        result.findings.append(Finding(.transport, "the export wrote no statistics"))
        return
      }
      let proof = TransportProof.of(mode: cell.mode, statistics: statistics, parallelLoad: scenario.parallel)
      result.proofs.append(proof)
      if case .refuted(let numbers) = proof { result.findings.append(Finding(.transport, numbers)) }
    } catch {
      result.findings.append(Finding(.transport, "\(error)"))
    }
  }

  private mutating func verify(_ condition: Condition) async {
    // Jobs hold a detached mount and the kernel ends a killed process in its own time: look again for a second.
    var holds = false
    for _ in 0..<100 {
      holds = check(condition)
      if holds { break }
      try? await Task.sleep(for: .milliseconds(10))
    }
    tell("= \(condition.rawValue): \(holds ? "yes" : "no")\n")
  }

  private func check(_ condition: Condition) -> Bool {
    switch condition {
    case .mounted: !MountTable.entries(at: mountPoint).isEmpty
    case .noMount: MountTable.entries(at: mountPoint).isEmpty
    case .running: session?.isRunning ?? false
    case .noProcess: !(session?.isRunning ?? false)
    case .noPidfile: access(workspace.file("export.pid"), F_OK) != 0
    }
  }

  // MARK: The end

  private mutating func cleanUp() async {
    for (_, child) in jobs {
      let session = self.session
      await child.terminate { session?.abort() }
    }
    await endSession()
    if !marks.isEmpty { ChildMark.endAll(marks) }
    // Also what a scenario's own command line has mounted.
    for entry in MountTable.entries(below: workspace.path) {
      result.findings.append(Finding(.leftBehind, "something is still mounted on \(hidePaths(entry.path).shown)"))
      FuseConnection.abortAll(at: entry.path)
      FuseConnection.detachAll(at: entry.path)
    }
    if !scenario.mayPrint, !result.daemonLog.isEmpty {
      let first = result.daemonLog.firstLine ?? ""
      if !result.findings.contains(where: { $0.reason == .start }) {
        result.findings.append(Finding(.daemonLog, "the export printed: \(first)"))
      }
    }
  }
}
