// A check whose cells run on another kernel: booted, watched, and booted anew when it panics.

import Foundation
import Glibc

/// Runs the cells of a check on another kernel.
package struct GuestCheck: Sendable {
  private let check: Check
  private let kernel: GuestKernel
  /// The words that name scenarios and subject for the same program inside.
  private let words: [String]
  /// Seconds without a word after which the kernel counts as hung.
  private let patience: Double

  /// A check on `kernel`; `words` are the options that make the same check inside it.
  package init(_ check: Check, on kernel: GuestKernel, words: [String], patience: Double = 300) {
    self.check = check
    self.kernel = kernel
    self.words = words
    self.patience = patience
  }

  /// What is known while the cells are run.
  private struct Progress {
    var todo: [Int]
    var judged: [Int: JudgedCell] = [:]
    var kernel: String?
    var current: Int?
    var hasFinished = false
  }

  /// Runs and judges all cells of `plan`, one at a time.
  /// - Throws: `GuestKernelError` if the kernel does not boot or cannot run anything, `FileError`, `Interrupted`,
  ///   what `end` throws.
  package func run(
    _ plan: CheckPlan, begin: (Int) -> Void = { _ in }, end: (JudgedCell) throws -> Void = { _ in }
  ) async throws -> CheckResult {
    let clock = ContinuousClock.now
    var progress = Progress(todo: plan.inOrder)
    var hasToStop = false
    while !progress.todo.isEmpty, !hasToStop {
      let before = progress.todo.count
      do {
        try await boot(plan, &progress, begin: begin) { judged in
          try end(judged)
          hasToStop = hasToStop || (check.failsFast && judged.verdict.failsTheRun)
          return hasToStop
        }
        if progress.todo.count == before, !progress.hasFinished {
          throw GuestKernelError(folder: kernel.folder, message: "does not boot")
        }
      } catch let error as GuestKernelError where !progress.judged.isEmpty {
        // What was judged before counts; what is left over has failed for want of a kernel.
        for place in progress.todo { try end(try fail(place, "\(error)", plan, &progress)) }
        progress.todo = []
      }
    }
    let cells = plan.entries.indices.compactMap { progress.judged[$0] }
    var result = CheckResult(
      subject: check.subject.name, cells: cells, rounds: plan.rounds, seed: plan.seed, seconds: clock.secondsAgo,
      planned: plan.entries.count, stopped: cells.count < plan.entries.count ? .failed : nil)
    result.kernel = progress.kernel ?? "unknown"
    return result
  }

  /// One boot: until all cells are run, the kernel ends, or it says nothing more.
  private func boot(
    _ plan: CheckPlan, _ progress: inout Progress, begin: (Int) -> Void, end: (JudgedCell) throws -> Bool
  ) async throws {
    let workspace = try Workspace(label: "kernel")
    defer { workspace.remove() }
    let files = GuestFiles(folder: workspace.path)
    guard !files.folder.utf8.contains(UInt8(ascii: " ")) else {
      throw GuestKernelError(folder: kernel.folder, message: "TMPDIR holds a blank, a kernel's command line cannot")
    }
    let child = try await start(plan, progress.todo, files)
    let reader = MessageReader(path: files.messages)
    var lastWord = ContinuousClock.now
    progress.current = nil
    do {
      while true {
        let hasEnded = child.hasEnded
        for message in reader.news() {
          lastWord = .now
          if try take(message, plan, &progress, begin: begin, end: end) {
            await child.terminate(grace: .zero)
            return
          }
        }
        if progress.hasFinished || hasEnded { break }
        if lastWord.secondsAgo > patience { break }
        try await Task.sleep(for: .milliseconds(50))
      }
    } catch {
      await child.terminate(grace: .zero)
      throw error
    }
    let hasEnded = child.hasEnded
    await child.terminate(grace: progress.hasFinished ? .seconds(10) : .zero)
    if CleanupRegistry.shared.isClosing { throw Interrupted() }
    if progress.hasFinished { return }
    guard let place = progress.current else {
      let last = files.account.split(separator: "\n").first.map { ": \($0)" } ?? ""
      throw GuestKernelError(folder: kernel.folder, message: "does not boot\(last)")
    }
    let what = hasEnded ? "the kernel ended while the cell ran" : "the kernel said nothing for \(Int(patience)) s"
    let log = SystemFile.bytes(files.console, limit: KernelLog.limit).map { ByteText($0) }
    let failed = try fail(place, "\(what):\n\(files.account)", plan, &progress, log: log)
    progress.todo.removeAll { $0 == place }
    _ = try end(failed)
  }

  /// The cell at `place`, failed because of the kernel.
  private func fail(
    _ place: Int, _ detail: String, _ plan: CheckPlan, _ progress: inout Progress, log: ByteText? = nil
  ) throws -> JudgedCell {
    var run = CellRun()
    run.isComplete = false
    run.findings = [Finding(.kernel, detail)]
    run.kernelLog = log
    let judged = try judged(plan, place, run)
    progress.judged[place] = judged
    return judged
  }

  /// Takes one message; true if the check has to stop.
  private func take(
    _ message: GuestMessage, _ plan: CheckPlan, _ progress: inout Progress, begin: (Int) -> Void,
    end: (JudgedCell) throws -> Bool
  ) throws -> Bool {
    switch message {
    case .ready(let release): progress.kernel = release
    case .failed(let reason): throw GuestKernelError(folder: kernel.folder, message: "nothing can be run: \(reason)")
    case .finished: progress.hasFinished = true
    case .began(let place):
      progress.current = place
      begin(place)
    case .ended(let place, let run):
      guard plan.entries.indices.contains(place) else { return false }
      progress.current = nil
      progress.todo.removeAll { $0 == place }
      let judged = try judged(plan, place, run)
      progress.judged[place] = judged
      return try end(judged)
    }
    return false
  }

  private func judged(_ plan: CheckPlan, _ place: Int, _ run: CellRun) throws -> JudgedCell {
    let entry = plan.entries[place]
    return try check.judged(entry.cell, round: entry.round, run, in: try Workspace(label: entry.cell.label))
  }

  private func start(_ plan: CheckPlan, _ todo: [Int], _ files: GuestFiles) async throws -> Child {
    let cells = todo.map { place in
      let cell = plan.entries[place].cell
      return GuestCell(place: place, scenario: cell.scenario.name, mode: cell.mode)
    }
    let modules = kernel.modules.flatMap { ["--module", $0] }
    let inside = [Subject.ownExecutable, "kernel-guest", "--folder", files.folder] + modules + words
    do {
      try JSONEncoder().encode(cells).write(to: URL(fileURLWithPath: files.cells))
      try Data().write(to: URL(fileURLWithPath: files.messages))
      try FileManager.default.createDirectory(atPath: files.work, withIntermediateDirectories: false)
      try GuestKernel.firstProcess(command: inside, disk: files.work)
        .write(toFile: files.first, atomically: false, encoding: .utf8)
    } catch {
      throw FileError(file: files.folder, message: "cannot be written: \(error.localizedDescription)")
    }
    chmod(files.first, 0o755)
    try await kernel.makeDisk(at: files.disk)
    var command = Command(kernel.boot, [files.first, files.disk])
    command.output = .file(files.console)
    return try await Child.start(command)
  }
}

/// Reads a growing file of messages, whole lines only.
private final class MessageReader {
  private let file: FileHandle?
  private var rest = Data()

  init(path: String) { file = FileHandle(forReadingAtPath: path) }

  deinit { try? file?.close() }

  /// The messages that have come since the last call.
  func news() -> [GuestMessage] {
    guard let fresh = try? file?.readToEnd(), !fresh.isEmpty else { return [] }
    rest += fresh
    guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    let lines = rest[...end].split(separator: UInt8(ascii: "\n"))
    rest = Data(rest[rest.index(after: end)...])
    return lines.compactMap { try? OutsideJSON.decode(GuestMessage.self, from: $0) }
  }
}
