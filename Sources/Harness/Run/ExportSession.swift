// One run of a subject: started, proven ready, stopped, and gone.

import Foundation
import Glibc

/// A subject did not start as it should.
package struct ExportStartError: Error, CustomStringConvertible, Sendable {
  /// Why, in one line.
  package let reason: String
  /// What the export printed.
  package let log: ByteText
  /// How it ended, if it ended by itself.
  package let status: ExitStatus?
  /// The reason, with the first line that the export printed.
  package var description: String {
    reason + (log.firstLine.map { ": \($0)" } ?? "")
  }
}

/// How an export's run ended.
package struct StopReport: Sendable, Equatable {
  /// How the process ended.
  package var status: ExitStatus
  /// Whether the stop plan was not enough: the connection was aborted, the group killed.
  package var forced: Bool
  /// Whether a mount, a process of its group or (in a normal stop) its pidfile was still there afterwards.
  package var leftBehind: [String]
  /// From the first signal to the end, in seconds.
  package var seconds: Double
  /// Whether it ended as it should: exit 0, nothing forced, nothing left.
  package var isClean: Bool { status.isSuccess && !forced && leftBehind.isEmpty }
}

/// A running export.
package final class ExportSession: Sendable {
  /// The program that serves.
  package let subject: Subject
  /// The transport asked for.
  package let mode: Mode
  /// What it was started with.
  package let settings: ExportSettings
  /// The regular file that shows the export.
  package let mountPoint: String
  /// The command line that started it, for results and for people.
  package let commandLine: String
  /// Where the export's own output is written.
  package let logPath: String
  /// From start to ready, in seconds.
  package let readySeconds: Double
  private let places: Subject.Places
  private let child: Child

  /// The export's process.
  package var pid: Int32 { child.pid }
  /// Where the subject writes its pid.
  package var pidfile: String { places.pidfile }

  private init(
    subject: Subject, mode: Mode, settings: ExportSettings, places: Subject.Places, child: Child,
    command: Command, logPath: String, readySeconds: Double
  ) {
    self.subject = subject
    self.mode = mode
    self.settings = settings
    self.places = places
    self.child = child
    self.logPath = logPath
    self.readySeconds = readySeconds
    mountPoint = places.mountPoint
    commandLine = command.line
  }

  /// Starts `subject` in `mode` and waits until it serves.
  ///
  /// Ready means: the mount table shows it, the pidfile is there (if the subject writes one), and a `stat` from
  /// another process is answered.
  /// - Parameters:
  ///   - image: the image behind a file node; `disk.img` of the workspace if nil.
  ///   - workspace: holds mount point, pidfile, log and statistics.
  ///   - environment: added to the export's environment.
  /// - Throws: `ExportStartError` if it does not become ready (then nothing of it is left), `StartError`,
  ///   `TemplateError`, `FileError`, `Interrupted`.
  package static func start(
    _ subject: Subject, mode: Mode, settings: ExportSettings, workspace: Workspace, image: String? = nil,
    environment: [String: String] = [:]
  ) async throws -> ExportSession {
    guard let program = subject.executable() else {
      throw StartError(program: subject.program, reason: "not found; install it or give --program PATH")
    }
    let run = workspace.nextRun()
    let places = Subject.Places(
      image: image ?? workspace.file("disk.img"), mountPoint: workspace.file("export"),
      pidfile: workspace.file("export.pid"), statistics: workspace.file("statistics-\(run).json"))
    if let reason = makeMissing(places.mountPoint) {
      throw FileError(file: places.mountPoint, message: "the mount point cannot be made: \(reason)")
    }
    let cpus = Int(sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    let words =
      subject.prefix + [program]
      + (try subject.arguments(mode: mode, settings: settings, places: places, cpus: cpus))
    var command = Command(words[0], Array(words.dropFirst()))
    let logPath = workspace.file("daemon-\(run).log")
    command.output = .file(logPath)
    command.environment = environment
    let below = MountTable.entries(at: places.mountPoint).count
    let clock = ContinuousClock.now
    CleanupRegistry.shared.add(mount: places.mountPoint)
    let child = try await Child.start(command, kind: .export)
    do {
      try await waitUntilReady(child, subject: subject, places: places, below: below)
    } catch {
      await end(child, mountPoint: places.mountPoint)
      let log = Self.log(at: logPath)
      throw ExportStartError(reason: error.reason, log: log, status: error.status)
    }
    HarnessLog.say("export", "\(child.pid) serves \(places.mountPoint) after \(clock.secondsAgo) s")
    return ExportSession(
      subject: subject, mode: mode, settings: settings, places: places, child: child, command: command,
      logPath: logPath, readySeconds: clock.secondsAgo)
  }

  private struct NotReadyError: Error {
    var reason: String
    var status: ExitStatus?
  }

  private static func waitUntilReady(
    _ child: Child, subject: Subject, places: Subject.Places, below: Int
  ) async throws(NotReadyError) {
    let deadline = ContinuousClock.now + .seconds(subject.ready.within)
    // When the time is up it is looked at once more: on a busy machine this process itself may not have come to it.
    var isLast = false
    var missing = ""
    while !isLast {
      isLast = ContinuousClock.now >= deadline
      if let status = await child.status(within: .milliseconds(1)) {
        throw NotReadyError(reason: "the export ended before it was ready (\(status))", status: status)
      }
      guard !subject.ready.mount || MountTable.entries(at: places.mountPoint).count > below else {
        missing = "nothing is mounted"
        continue
      }
      guard !subject.ready.pidfile || FileManager.default.hasContent(places.pidfile) else {
        missing = "it has written no pidfile"
        continue
      }
      let left = max(deadline - ContinuousClock.now, .seconds(5))
      let stat: Finished
      do {
        stat = try await Command("stat", ["-c", "%s", places.mountPoint]).run(within: left) {
          FuseConnection.abortAll(at: places.mountPoint)
        }
      } catch {
        throw NotReadyError(reason: "mounted, but it cannot be looked at: \(error)", status: nil)
      }
      if stat.status.isSuccess { return }
      let said = stat.outputBytes.firstLine.map { ": \($0)" } ?? ""
      throw NotReadyError(reason: "mounted, but a stat is not answered\(said)", status: nil)
    }
    throw NotReadyError(reason: "not ready within \(subject.ready.within) s: \(missing)", status: nil)
  }

  /// Whether the export's process still runs.
  package var isRunning: Bool { !child.hasEnded }

  /// Whether the mount table shows a mount at the mount point.
  package var isMounted: Bool { !MountTable.entries(at: mountPoint).isEmpty }

  /// Sends one signal, without waiting.
  package func send(_ signal: Signal) { child.signal(signal.number) }

  /// How the process ended, if it ends by itself within `limit`.
  package func status(within limit: Duration) async -> ExitStatus? { await child.status(within: limit) }

  /// Stops the export by the subject's plan; what the plan leaves is removed by force and reported.
  package func stop(signals: [Signal]? = nil) async -> StopReport {
    let clock = ContinuousClock.now
    var status: ExitStatus? = child.hasEnded ? await child.status(within: .zero) : nil
    for signal in signals ?? subject.stop.signals where status == nil {
      child.signal(signal.number)
      status = await child.status(within: .seconds(subject.stop.within))
    }
    let seconds = clock.secondsAgo
    var left: [String] = []
    if status != nil {
      if isMounted { left.append("the mount") }
      if child.groupLives { left.append("a process of its group") }
      if status?.isSuccess == true, access(pidfile, F_OK) == 0 { left.append("the pidfile") }
    }
    let forced = status == nil
    let final = await Self.end(child, mountPoint: mountPoint)
    unlink(pidfile)
    return StopReport(
      status: status ?? final, forced: forced, leftBehind: left,
      seconds: seconds)
  }

  /// Kills the export with SIGKILL and leaves its dead mount for the caller to look at; `clear` removes that.
  ///
  /// The whole group: of a subject whose program a shell looks after, the program is what is to die.
  package func kill() async {
    Glibc.kill(-child.pid, SIGKILL)
    _ = await child.status(within: .seconds(5))
  }

  /// Ends what is left of this run by force: aborts the connection, kills the group, detaches the mount.
  package func clear() async {
    await Self.end(child, mountPoint: mountPoint)
    unlink(pidfile)
  }

  /// What can be seen of the export from outside: its mounts' connections, and what each of its threads does.
  func state() -> String {
    FuseConnection.state(at: mountPoint) + "\n" + ThreadTable.text(of: pid)
  }

  /// Aborts the FUSE connection, so that every client that waits gets an error: the way out of a hang.
  package func abort() { FuseConnection.abortAll(at: mountPoint) }

  @discardableResult
  private static func end(_ child: Child, mountPoint: String) async -> ExitStatus {
    FuseConnection.abortAll(at: mountPoint)
    Glibc.kill(-child.pid, SIGKILL)
    let status = await child.status(within: .seconds(5)) ?? .stuck
    await child.sweepDescendants()
    FuseConnection.detachAll(at: mountPoint)
    if MountTable.entries(at: mountPoint).isEmpty { CleanupRegistry.shared.remove(mount: mountPoint) }
    return status
  }

  /// What the export wrote about this run: after `stop`, or after SIGUSR1. Nil if the subject writes none, or has
  /// not yet.
  /// - Throws: `FileError` if the file is not what it should be.
  package func statistics() throws -> ExportStatistics? {
    guard subject.statistics, InputFile.exists(places.statistics) else { return nil }
    let bytes = try InputFile.bytes(places.statistics)
    do {
      return try ExportStatistics(json: bytes)
    } catch {
      throw FileError(file: places.statistics, message: "is not the statistics of an export: \(error)")
    }
  }

  /// What the export printed, as far as it is looked at.
  package func log() -> ByteText { Self.log(at: logPath) }

  /// Bytes of an export's own output that are looked at; the file has all of them.
  static let logLimit = 1 << 20

  private static func log(at path: String) -> ByteText { ByteText(SystemFile.bytes(path, limit: logLimit) ?? []) }
}

/// Makes the file `path` if it is not there; why that cannot be, or nil.
private func makeMissing(_ path: String) -> String? {
  // The mount table is asked first: a dead or hung mount at this path must not be touched.
  guard MountTable.entries(at: path).isEmpty else { return nil }
  let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
  guard file >= 0 else { return errno == EISDIR ? nil : String(cString: strerror(errno)) }
  close(file)
  return nil
}

extension FileManager {
  fileprivate func hasContent(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_size > 0
  }
}
