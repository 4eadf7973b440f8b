// A child process: in a process group of its own, with every wait bounded, never left behind.

import Glibc
import Subprocess
import SystemPackage

/// A running child process. It leads a process group of its own, so that ending it ends what it started too.
package final class Child: Sendable {
  /// The process, and its group.
  package let pid: Int32
  private let end: OneShot<ExitStatus>
  private let output: OutputSink
  private let errors: OutputSink?
  /// What its descendants carry; see `ChildMark`.
  let mark: String
  private let started = ContinuousClock.now

  private init(pid: Int32, mark: String, end: OneShot<ExitStatus>, output: OutputSink, errors: OutputSink?) {
    self.pid = pid
    self.mark = mark
    self.end = end
    self.output = output
    self.errors = errors
  }

  /// Starts `command`.
  /// - Parameter kind: `export` children are ended after all others when the harness is interrupted.
  /// - Throws: `StartError` if the program cannot be run, `Interrupted` if the harness is ending.
  package static func start(_ command: Command, kind: CleanupRegistry.GroupKind = .client) async throws -> Child {
    guard !CleanupRegistry.shared.isClosing else { throw Interrupted() }
    let output = try OutputSink(command.output)
    let errors = command.errors == .withOutput ? nil : try OutputSink(command.errors)
    let input = try openInput(command.input)
    let spawned = OneShot<Result<Int32, StartError>>()
    let end = OneShot<ExitStatus>()
    let mark = ChildMark.next()
    let environment = ChildEnvironment.variables(command.environment, mark: mark)
    var platform = PlatformOptions()
    platform.processGroupID = 0
    // Looked for in the caller's PATH, once: a name would be tried in every folder of it, each try with a fork.
    let program = command.program.utf8.contains(UInt8(ascii: "/")) ? command.program : Programs.find(command.program)
    guard let program else { throw StartError(program: command.program, reason: "not found in PATH") }
    let configuration = Configuration(
      executable: .path(FilePath(program)),
      arguments: Arguments(executablePathOverride: command.program, remainingValues: command.arguments),
      environment: .custom(environment),
      workingDirectory: command.directory.map { FilePath($0) },
      platformOptions: platform)
    let outputCopy = try output.descriptor.duplicate()
    let errorsCopy = try (errors ?? output).descriptor.duplicate()
    Task.detached {
      do {
        let result = try await run(
          configuration,
          input: .fileDescriptor(input, closeAfterSpawningProcess: true),
          output: .fileDescriptor(outputCopy, closeAfterSpawningProcess: true),
          error: .fileDescriptor(errorsCopy, closeAfterSpawningProcess: true)
        ) { execution in
          let pid = execution.processIdentifier.value
          CleanupRegistry.shared.add(group: pid, kind: kind)
          spawned.set(.success(pid))
        }
        switch result.terminationStatus {
        case .exited(let code): end.set(.exited(code))
        case .signaled(let number): end.set(.signaled(number))
        }
      } catch {
        spawned.set(.failure(StartError(program: command.program, reason: "\(error)")))
        end.set(.stuck)
      }
    }
    // Without a limit `value` is never nil.
    let pid = try await spawned.value()!.get()
    HarnessLog.say("child", "\(pid) started: \(command.line)")
    return Child(pid: pid, mark: mark, end: end, output: output, errors: errors)
  }

  private static func openInput(_ text: String?) throws -> FileDescriptor {
    guard let text else { return try .open("/dev/null", .readOnly, options: .closeOnExec) }
    let descriptor = try OutputSink.anonymousFile()
    do {
      try descriptor.writeAll(text.utf8)
      try descriptor.seek(offset: 0, from: .start)
    } catch {
      throw FileError(file: Workspace.base, message: "a command's input cannot be kept here: \(error); set TMPDIR")
    }
    return descriptor
  }

  /// How it ended, as soon as it has; nil if it still runs after `limit`.
  package func status(within limit: Duration) async -> ExitStatus? {
    if let status = await end.value(within: limit) { return status }
    // Where every thread of ours is busy, the news of an end in time comes no sooner than the end of the time. Of one
    // whose threads still hang in the kernel no news will come.
    let hasGone = SystemFile.processFields(ofLiving: pid) == nil && SystemFile.names("/proc/\(pid)/task").count <= 1
    return hasGone ? await end.value(within: .seconds(60)) : nil
  }

  /// How many bytes it has printed so far.
  var outputLength: Int64 { output.length }

  /// Whether the process itself has ended.
  package var hasEnded: Bool { end.now != nil }

  /// Whether any process of the group lives.
  package var groupLives: Bool { Glibc.kill(-pid, 0) == 0 }

  /// Sends `signal` to the process alone, as a person at a shell does.
  package func signal(_ signal: Int32) {
    if !hasEnded { _ = Glibc.kill(pid, signal) }
  }

  /// Ends the whole group: TERM, `grace`, then `lastResort` and KILL. Returns how the process ended.
  ///
  /// `lastResort` frees what SIGKILL cannot: a client inside a request that nobody answers ends only when the FUSE
  /// connection is aborted.
  @discardableResult
  package func terminate(
    grace: Duration = .seconds(1), lastResort: (@Sendable () async -> Void)? = nil
  ) async -> ExitStatus {
    if !hasEnded {
      _ = Glibc.kill(-pid, SIGTERM)
      if await status(within: grace) == nil {
        _ = Glibc.kill(-pid, SIGKILL)
        await lastResort?()
      }
      // Also what has left the group.
      ChildMark.endAll(mark)
    }
    let status = await status(within: .seconds(5)) ?? .stuck
    await sweep()
    return status
  }

  /// Ends what is left of the group after the process itself has ended. True if there was something.
  @discardableResult
  package func sweep() async -> Bool {
    let strays = groupLives
    if strays {
      _ = Glibc.kill(-pid, SIGKILL)
      // Orphans are reaped by init, a moment after they have died.
      for _ in 0..<200 where groupLives { try? await Task.sleep(for: .milliseconds(5)) }
    }
    if hasEnded { CleanupRegistry.shared.remove(group: pid) }
    return strays
  }

  /// Ends what it has started and what has left its group, such as a daemon. True if there was something.
  @discardableResult
  func sweepDescendants() async -> Bool {
    let strays = await sweep()
    return ChildMark.endAll(mark) > 0 || strays
  }

  /// Waits for the end, at most `limit`; then the group is ended by force.
  package func finish(
    within limit: Duration, lastResort: (@Sendable () async -> Void)? = nil
  ) async -> Finished {
    let inTime = await status(within: limit)
    var status = inTime
    if status == nil { status = await terminate(lastResort: lastResort) }
    await sweep()
    return Finished(
      status: status ?? .stuck,
      outputBytes: output.text(),
      outputLength: output.length,
      errorBytes: errors?.text() ?? "",
      expired: inTime == nil,
      seconds: started.secondsAgo)
  }
}

extension Command {
  /// Runs the command to its end, at most `limit` long.
  /// - Throws: `StartError` if it cannot be started, `Interrupted` if the harness is ending.
  package func run(
    within limit: Duration, lastResort: (@Sendable () async -> Void)? = nil
  ) async throws -> Finished {
    try await Child.start(self).finish(within: limit, lastResort: lastResort)
  }
}
